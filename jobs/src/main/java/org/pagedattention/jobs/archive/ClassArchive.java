package org.pagedattention.jobs.archive;

import java.io.File;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pagedattention.jobs.cli.Console;

/** Java's form of the classes that jobs load: scripts/class-archive.sh makes a job use it, or has it make one behind it. */
public final class ClassArchive {
    /** A command of the shell, where there is no archive yet. */
    private static final String MAKER = "PAGED_ATTENTION_ARCHIVE_MAKER";

    private ClassArchive() {}

    /** At the end of a job that went well: starts what makes an archive, if one is missing, and does not wait for it. */
    public static void makeInBackground(Console console) {
        start(System.getenv(MAKER), console);
    }

    static void start(@Nullable String maker, Console console) {
        if (maker == null || maker.isEmpty()) {
            return;
        }
        File nothing = new File("/dev/null");
        ProcessBuilder process = new ProcessBuilder("bash", "-c", "exec " + maker)
                .redirectInput(nothing)
                .redirectOutput(nothing)
                .redirectError(nothing);
        try {
            process.start();
        } catch (IOException e) {
            // the next job has another chance
            return;
        }
        console.err()
                .println("A class archive is being made in the background, with which later jobs start faster;"
                        + " this happens once.");
    }
}
