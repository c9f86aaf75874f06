package org.pagedattention.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;

/** What a pattern of local paths stands for where Hadoop does not look: names that it cannot say, and links to nothing. */
public final class LocalPattern {
    private LocalPattern() {}

    /**
     * Refuses a pattern that also stands for what Hadoop would leave out.
     *
     * @param pattern qualified, without choices between folders
     * @throws IOException when a folder cannot be listed
     * @throws InputException naming what would be left out
     */
    public static void requireAllSeen(Path pattern) throws IOException {
        if (LocalPath.isLocal(pattern)) {
            String[] parts = pattern.toUri().getPath().substring(1).split("/");
            look(java.nio.file.Path.of("/"), Arrays.asList(parts));
        }
    }

    private static void look(java.nio.file.Path folder, List<String> parts) throws IOException {
        GlobFilter first = new GlobFilter(parts.get(0));
        List<String> rest = parts.subList(1, parts.size());
        if (!first.hasPattern()) {
            if (!rest.isEmpty()) {
                look(folder.resolve(parts.get(0).replaceAll("\\\\(.)", "$1")), rest);
            }
            return;
        }
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<java.nio.file.Path> entries = Files.newDirectoryStream(folder)) {
            for (java.nio.file.Path entry : entries) {
                String name = LocalPath.name(entry);
                if (first.accept(new Path(null, null, "/" + name))) {
                    requireSeen(entry, name);
                    if (!rest.isEmpty()) {
                        look(entry, rest);
                    }
                }
            }
        }
    }

    private static void requireSeen(java.nio.file.Path entry, String name) {
        if (Names.isHidden(new String[] {name})) {
            return;
        }
        if (!LocalPath.isNamed(entry)) {
            throw new InputException(LocalPath.unnamed(entry));
        }
        if (Files.isSymbolicLink(entry) && Files.notExists(entry)) {
            throw new InputException(LocalWalk.dangling(entry));
        }
    }
}
