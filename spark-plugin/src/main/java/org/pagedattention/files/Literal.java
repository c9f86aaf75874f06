package org.pagedattention.files;

/** Paths that Spark's readers take as they are, where they would take some characters for a pattern. */
public final class Literal {
    private Literal() {}

    /** The pattern that stands for {@code path} alone. */
    public static String of(String path) {
        return path.replaceAll("[*?\\[\\]{}\\\\]", "\\\\$0");
    }
}
