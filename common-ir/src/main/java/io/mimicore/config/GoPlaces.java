package io.mimicore.config;

import io.mimicore.diagnostics.Place;

/// Finds places of Go source inside the JSON string that holds it.
final class GoPlaces {
    private final SourceText source;
    private final LocatedJson.Text literal;

    /// @param literal the value of `inline_source`
    GoPlaces(SourceText source, LocatedJson.Text literal) {
        this.source = source;
        this.literal = literal;
    }

    /// Where a place of the Go source stands in the file.
    ///
    /// @param line 1-based; 0, or beyond the last: the string's beginning
    /// @param byteColumn 1-based, in UTF-8 bytes, as Go's tools count; 0: the line's first
    ///   character that is no white space; beyond the end: the line's end
    Place place(int line, int byteColumn) {
        String go = literal.text();
        int start = 0;
        for (int at = 1; at < line && start >= 0; at++) {
            start = go.indexOf('\n', start) + 1;
            if (start == 0) {
                start = -1;
            }
        }
        if (line < 1 || start < 0) {
            return source.place(literal.offset(), literal.pointer());
        }
        int end = go.indexOf('\n', start);
        String text = go.substring(start, end < 0 ? go.length() : end);
        int inLine = byteColumn < 1 ? indent(text) : charIndex(text, byteColumn - 1);
        int offset = source.offsetInside(literal.offset(), start + inLine);
        return source.place(offset, literal.pointer(), line);
    }

    private static int indent(String line) {
        int indent = 0;
        while (indent < line.length() && Character.isWhitespace(line.charAt(indent))) {
            indent++;
        }
        return indent == line.length() ? 0 : indent;
    }

    /// The index of the character that holds a byte of the line's UTF-8 form.
    private static int charIndex(String line, int byteIndex) {
        int bytes = 0;
        int index = 0;
        while (index < line.length()) {
            int codePoint = line.codePointAt(index);
            bytes += utf8Length(codePoint);
            if (bytes > byteIndex) {
                return index;
            }
            index += Character.charCount(codePoint);
        }
        return line.length();
    }

    private static int utf8Length(int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }
}
