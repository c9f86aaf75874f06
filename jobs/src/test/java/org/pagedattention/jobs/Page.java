package org.pagedattention.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page of the documentation: its links, the anchors of its headings, and its fenced blocks. */
record Page(Path path, String text) {
    static final Path ROOT = Path.of("..");
    static final Path DOCS = ROOT.resolve("docs");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern FENCE = Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    /** A fenced block of this language. */
    record Block(String language, String text) {}

    static Page of(Path path) {
        try {
            return new Page(path, Files.readString(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All pages: those at the top of the project, and those below docs/. */
    static List<Page> all() {
        return Stream.of(ROOT, DOCS).flatMap(Page::in).map(Page::of).toList();
    }

    private static Stream<Path> in(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".md")).sorted().collect(Collectors.toList()).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return ROOT.relativize(path).toString();
    }

    /** Targets of all links, those of pictures too. */
    List<String> links() {
        return LINK.matcher(FENCE.matcher(text).replaceAll(""))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    List<Block> blocks() {
        return FENCE.matcher(text)
                .results()
                .map(found -> new Block(found.group(1), found.group(2)))
                .toList();
    }

    /** Lines that stand in no fenced block. */
    List<String> prose() {
        return FENCE.matcher(text).replaceAll("").lines().toList();
    }

    /** What links to this page's headings end with, as GitHub makes it. */
    List<String> anchors() {
        List<String> anchors = new ArrayList<>();
        Pattern.compile("(?m)^#+ (.+)$")
                .matcher(FENCE.matcher(text).replaceAll(""))
                .results()
                .map((MatchResult found) -> slug(found.group(1)))
                .forEach(anchors::add);
        return anchors;
    }

    static String slug(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    @Override
    public String toString() {
        return name();
    }
}
