package io.mimicore.dataplane.wasm;

/// The error numbers of WASI preview 1 that guests get from this host (`typenames.witx`, `errno`).
final class WasiErrno {
    static final int SUCCESS = 0;
    static final int BADF = 8;
    static final int INVAL = 28;
    static final int NOSYS = 52;

    private WasiErrno() {}
}
