package org.pagedattention.files;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What goes when a folder is replaced. */
public final class Replacement {
    private Replacement() {}

    /**
     * The first of {@code files} that lies in {@code folder}, by whatever name; empty when none does.
     *
     * @throws IOException when a file system cannot be asked
     */
    public static Optional<Path> lost(Collection<Path> files, Path folder, Configuration hadoop) throws IOException {
        Place place = Place.of(folder, hadoop);
        Set<Path> looked = new HashSet<>();
        for (Path file : files) {
            // local files may be links, each to another place; elsewhere asking for each takes its time
            Path asked = LocalPath.isLocal(file) ? file : file.getParent();
            if (looked.add(asked) && Place.of(asked, hadoop).inside(place)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
