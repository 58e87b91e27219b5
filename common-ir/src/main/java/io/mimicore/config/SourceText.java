package io.mimicore.config;

import io.mimicore.diagnostics.Place;
import java.util.Arrays;

/// A file's text, for places: offsets to lines and columns, and into string literals.
///
/// Lines end at `\n`. Immutable.
final class SourceText {
    private final String name;
    private final String text;
    private final int[] lineStarts;

    /// The text of the file that diagnostics call `name`.
    SourceText(String name, String text) {
        this.name = name;
        this.text = text;
        int[] starts = new int[(int) text.chars().filter(c -> c == '\n').count() + 1];
        int line = 1;
        for (int i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
            starts[line++] = i + 1;
        }
        this.lineStarts = starts;
    }

    String name() {
        return name;
    }

    String text() {
        return text;
    }

    /// The line an offset is in, 1-based.
    int line(int offset) {
        int found = Arrays.binarySearch(lineStarts, offset);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /// The offset of a place, both 1-based; the end of the line where it is shorter.
    int offset(int line, int column) {
        int start = lineStarts[Math.min(line, lineStarts.length) - 1];
        return Math.min(start + column - 1, start + lineText(line).length());
    }

    /// A line without its end, 1-based; empty beyond the last.
    String lineText(int line) {
        if (line > lineStarts.length) {
            return "";
        }
        int start = lineStarts[line - 1];
        int end = line < lineStarts.length ? lineStarts[line] - 1 : text.length();
        if (end > start && text.charAt(end - 1) == '\r') {
            end--;
        }
        return text.substring(start, end);
    }

    /// The place of an offset.
    Place place(int offset, Pointer pointer) {
        return place(offset, pointer, 0);
    }

    /// The place of an offset that belongs to a line of `inline_source`.
    Place place(int offset, Pointer pointer, int goLine) {
        int line = line(offset);
        return new Place(name, line, offset - lineStarts[line - 1] + 1, pointer.text(), goLine);
    }

    /// Where the character at `decodedOffset` of a string's value stands in the file; the closing
    /// quote for the value's end.
    int offsetInside(int literalOffset, int decodedOffset) {
        int at = literalOffset + 1;
        for (int decoded = 0; decoded < decodedOffset && text.charAt(at) != '"'; decoded++) {
            at += widthAt(at);
        }
        return at;
    }

    /// The reverse of [#offsetInside]: how many characters of the value stand before `offset`.
    int decodedOffset(int literalOffset, int offset) {
        int decoded = 0;
        for (int at = literalOffset + 1; at < offset && text.charAt(at) != '"'; decoded++) {
            int next = at + widthAt(at);
            if (next > offset) {
                break;
            }
            at = next;
        }
        return decoded;
    }

    /// How many characters stand for one UTF-16 code unit of a string's value. Each half of a
    /// surrogate pair has its own, escaped or not.
    private int widthAt(int at) {
        if (text.charAt(at) != '\\') {
            return 1;
        }
        return text.charAt(at + 1) == 'u' ? 6 : 2;
    }
}
