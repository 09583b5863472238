import { expect, test } from "vitest";
import { findDangerous } from "./dangerous-commands.ts";

test.each([
  "rm -rf /",
  "rm -rf /*",
  "sudo rm -rf --no-preserve-root /",
  "cd build && rm -fr ~",
  'rm -r -f "$HOME"',
  "rm -rf ~/*",
  "rm -rf ~/; echo done",
  "rm -rf /home/alice",
  "rm -rf /usr",
  "rm  -rf \\\n  /",
  "mkfs.ext4 /dev/sda1",
  "dd if=/dev/zero of=/dev/nvme0n1 bs=1M",
  "echo x > /dev/sda",
  ":(){ :|:& };:",
  "chmod -R 777 /",
  "chown -R alice:alice /",
  "git push --force origin main",
  "git push -f origin master",
  "git push origin main --force",
  "git push origin +main",
  "git push --force origin HEAD:main",
  "git push origin --delete main",
  "true\nrm -rf /",
])("a slip is seen: %s", (command) => {
  expect(findDangerous(command)).not.toBeNull();
});

test.each([
  "rm -rf node_modules dist",
  "rm -rf ./",
  "rm -rf /tmp/build",
  "rm -rf ~/project/dist",
  'rm -rf "$HOME/.cache/tool"',
  "rm -rf /home/alice/project/dist",
  "rm -rf /usr/local/lib/my-tool",
  'git commit -m "never run rm -rf / again"',
  "echo 'rm -rf /'",
  "grep -rn 'rm -rf /' docs",
  "dd if=/dev/zero of=disk.img bs=1M count=10",
  "echo x > /dev/null",
  "chmod -R 755 .",
  "chmod 777 /tmp/socket",
  "git push origin main",
  "git push --force origin feature/main-menu",
  "git push --force-with-lease origin main",
  "git push -u origin feature",
  "git push origin --delete old-feature",
  "mkfs.ext4 disk.img",
])("ordinary work is none: %s", (command) => {
  expect(findDangerous(command)).toBeNull();
});

test("another list takes the place of the one that comes with it", () => {
  const list = [{ name: "restarts the machine", pattern: /^reboot$/ }];
  expect(findDangerous("reboot", list)?.name).toBe("restarts the machine");
  expect(findDangerous("rm -rf /", list)).toBeNull();
});
