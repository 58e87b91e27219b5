package io.mimicore.ir;

/// Go's basic types that cross the WASM border as one value.
///
/// `int` and `uint` cross as 64 bits, the smaller integers and `bool` as 32.
public enum NumericType {
    BOOL("bool", false),
    INT8("int8", false),
    INT16("int16", false),
    INT32("int32", false),
    INT64("int64", true),
    INT("int", true),
    UINT8("uint8", false),
    UINT16("uint16", false),
    UINT32("uint32", false),
    UINT64("uint64", true),
    UINT("uint", true),
    FLOAT32("float32", false),
    FLOAT64("float64", true);

    private final String goName;
    private final boolean wide;

    NumericType(String goName, boolean wide) {
        this.goName = goName;
        this.wide = wide;
    }

    /// The type's name in Go.
    public String goName() {
        return goName;
    }

    /// Whether it crosses as 64 bits.
    public boolean isWide() {
        return wide;
    }

    /// Whether it is a floating point type.
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }
}
