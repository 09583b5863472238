/** Below the home of a Mac, neither read nor written, besides `SECRET_HOME_PATHS`: accounts, keychains, mail, browsers, other applications' data. */
export const SECRET_LIBRARY_PATHS: readonly string[] = [
  "Library/Accounts",
  "Library/Application Scripts",
  "Library/Application Support",
  "Library/Biome",
  "Library/Calendars",
  "Library/CloudStorage",
  "Library/Containers",
  "Library/Cookies",
  "Library/Group Containers",
  "Library/HTTPStorages",
  "Library/IdentityServices",
  "Library/Keychains",
  "Library/Mail",
  "Library/Messages",
  "Library/Metadata",
  "Library/Mobile Documents",
  "Library/Personas",
  "Library/Reminders",
  "Library/Safari",
  "Library/Saved Application State",
  "Library/Suggestions",
  "Library/WebKit",
];

/** Absolute, neither read nor written. */
export const SECRET_MAC_PATHS: readonly string[] = [
  "/Library/Keychains",
  "/private/etc/master.passwd",
  "/private/var/at",
  "/private/var/db/dslocal",
  "/private/var/root",
];

/** Services of the system that a command may talk to. No keychain, pasteboard, name resolution, launching of applications or jobs. */
export const MACH_SERVICES: readonly string[] = [
  "com.apple.bsd.dirhelper", // the user's temporary directories
  "com.apple.logd",
  "com.apple.system.logger",
  "com.apple.system.notification_center",
  "com.apple.system.opendirectoryd.libinfo", // names of users and groups
  "com.apple.system.opendirectoryd.membership",
];

/** Settings of the kernel that a command may read. Not `kern.proc` and `kern.procargs2`: arguments and variables of other processes. */
export const KERNEL_SETTINGS: readonly string[] = [
  "kern.argmax",
  "kern.boottime",
  "kern.hostname",
  "kern.maxfilesperproc",
  "kern.ngroups",
  "kern.osproductversion",
  "kern.osrelease",
  "kern.ostype",
  "kern.osvariant_status",
  "kern.osversion",
  "kern.secure_kernel",
  "kern.tcsm_available",
  "kern.tcsm_enable",
  "kern.usrstack64",
  "kern.version",
  "sysctl.proc_cputype",
  "sysctl.proc_translated",
  "vm.loadavg",
];
