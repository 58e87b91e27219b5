package io.mimicore.cli;

import io.grpc.Channel;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/// What a command asks the admin API for, and how it is shown.
interface Listing {
    /// Items asked for at a time.
    int PAGE_SIZE = 1_000;

    /// Asks for everything.
    ///
    /// @throws io.grpc.StatusRuntimeException if a call fails
    void fetch(Channel channel);

    /// Prints it for people.
    void print(PrintWriter out);

    /// Adds it for programs.
    void addTo(ObjectNode root);

    /// All pages of a list.
    ///
    /// @param page asks for the page of a token
    /// @param next the token in an answer; empty: it was the last
    static <R> List<R> pages(Function<String, R> page, Function<R, String> next) {
        List<R> pages = new ArrayList<>();
        String token = "";
        do {
            R answer = page.apply(token);
            pages.add(answer);
            token = next.apply(answer);
        } while (!token.isEmpty());
        return pages;
    }
}
