package org.pagedattention.jobs.getmodel;

import java.io.IOException;
import java.nio.file.Path;

/** Something that is published as a Maven artifact, and becomes a folder. */
interface Bringing {

    /** What to call it. */
    String title();

    /** As Maven writes it: group, artifact and version. */
    String artifact();

    /**
     * Reads the artifact's jar, and fills the folder.
     *
     * @throws IllegalArgumentException when the jar is not what it must be
     */
    void write(PinnedJar jar, Path folder) throws IOException;

    /**
     * Holds a folder that is there against what is known of it.
     *
     * @throws IllegalArgumentException when it is another one, or not whole
     */
    void check(Path folder) throws IOException;
}
