package io.mimicore.compiler.checks;

import java.util.Set;

/// The functions of WASI preview 1 that a module may import.
///
/// Three groups: those that do something, those that answer with nothing, and those that only fail.
/// The last group is long because Go links its file and socket code whenever a program uses `os` or
/// `net`, as `fmt` and `net/http` do, whether or not it is ever reached; a module that imports them
/// is harmless, since a node answers every call with an error number.
public final class WasiCalls {
    /// The module that they are imported from.
    public static final String MODULE = "wasi_snapshot_preview1";

    /// Clocks, random bytes, waiting, giving way, leaving, and output, which goes to the log.
    private static final Set<String> WORKING =
            Set.of(
                    "clock_res_get",
                    "clock_time_get",
                    "fd_write",
                    "poll_oneoff",
                    "proc_exit",
                    "random_get",
                    "sched_yield");

    /// No arguments, no environment.
    private static final Set<String> EMPTY =
            Set.of("args_get", "args_sizes_get", "environ_get", "environ_sizes_get");

    /// No files and no sockets: every call fails.
    private static final Set<String> FAILING =
            Set.of(
                    "fd_advise",
                    "fd_allocate",
                    "fd_close",
                    "fd_datasync",
                    "fd_fdstat_get",
                    "fd_fdstat_set_flags",
                    "fd_fdstat_set_rights",
                    "fd_filestat_get",
                    "fd_filestat_set_size",
                    "fd_filestat_set_times",
                    "fd_pread",
                    "fd_prestat_dir_name",
                    "fd_prestat_get",
                    "fd_pwrite",
                    "fd_read",
                    "fd_readdir",
                    "fd_renumber",
                    "fd_seek",
                    "fd_sync",
                    "fd_tell",
                    "path_create_directory",
                    "path_filestat_get",
                    "path_filestat_set_times",
                    "path_link",
                    "path_open",
                    "path_readlink",
                    "path_remove_directory",
                    "path_rename",
                    "path_symlink",
                    "path_unlink_file",
                    "sock_accept",
                    "sock_recv",
                    "sock_send",
                    "sock_shutdown");

    private WasiCalls() {}

    /// Whether a module may import the function `name` of [#MODULE].
    public static boolean isAllowed(String name) {
        return WORKING.contains(name) || EMPTY.contains(name) || FAILING.contains(name);
    }
}
