import { expect, test } from "vitest";
import { cgroupPlaces } from "./cgroup-places.ts";

const mounted = (root: string, path: string) =>
  `25 30 0:23 / /proc rw shared:5 - proc proc rw\n31 25 0:26 ${root} ${path} rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n`;

test("a process lies in its own cgroup and in all above it", () => {
  expect(cgroupPlaces("0::/user.slice/user@1000.service/app.slice\n", mounted("/", "/sys/fs/cgroup"))).toEqual([
    "/sys/fs/cgroup/user.slice/user@1000.service/app.slice",
    "/sys/fs/cgroup/user.slice/user@1000.service",
    "/sys/fs/cgroup/user.slice",
    "/sys/fs/cgroup",
  ]);
});

test("beside hierarchies of version 1, only that of version 2 counts", () => {
  const selfCgroup = "4:memory:/a\n1:name=systemd:/\n0::/b\n";
  expect(cgroupPlaces(selfCgroup, mounted("/", "/sys/fs/cgroup/unified"))).toEqual([
    "/sys/fs/cgroup/unified/b",
    "/sys/fs/cgroup/unified",
  ]);
});

test("where a part of the hierarchy is mounted, places are below that part", () => {
  expect(cgroupPlaces("0::/docker/x/y\n", mounted("/docker/x", "/sys/fs/cgroup"))).toEqual([
    "/sys/fs/cgroup/y",
    "/sys/fs/cgroup",
  ]);
  expect(cgroupPlaces("0::/elsewhere\n", mounted("/docker/x", "/sys/fs/cgroup"))).toEqual([]);
});

test("a blank in the path of the mount is read", () => {
  expect(cgroupPlaces("0::/\n", mounted("/", "/my\\040groups"))).toEqual(["/my groups"]);
});

test.each([
  ["no version 2", "4:memory:/a\n", mounted("/", "/sys/fs/cgroup")],
  ["not mounted", "0::/\n", "25 30 0:23 / /proc rw - proc proc rw\n"],
  ["nothing", "", ""],
])("%s: no place", (_, selfCgroup, mountinfo) => {
  expect(cgroupPlaces(selfCgroup, mountinfo)).toEqual([]);
});
