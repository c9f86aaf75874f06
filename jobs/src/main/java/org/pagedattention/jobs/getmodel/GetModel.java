package org.pagedattention.jobs.getmodel;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code get-model.sh} and {@code get-glosses.sh} do around Maven. With {@code WHAT DIR}: looks whether it is there,
 * and says which artifact to get where it is not. With {@code WHAT DIR JAR}: makes the folder of that artifact.
 */
public final class GetModel {
    private static final String WORDNET = "wordnet";

    private GetModel() {}

    /** Ends with 0 when all is well, 1 when something failed, 2 when the arguments are wrong. */
    public static void main(String[] arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    /** @param out receives the artifact to get, and nothing else */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        if (arguments.length < 2 || arguments.length > 3) {
            err.println("error: name what to get, and the folder to put it in");
            return 2;
        }
        Bringing what;
        try {
            what = what(arguments[0]);
        } catch (IllegalArgumentException e) {
            err.println("error: " + e.getMessage());
            return 2;
        }
        try {
            Path folder = Path.of(arguments[1]);
            if (arguments.length == 3) {
                make(what, folder, Path.of(arguments[2]), err);
            } else if (Files.exists(folder)) {
                check(what, folder);
                err.println(what.title() + " is in " + folder + " already, whole");
            } else {
                out.println(what.artifact());
            }
            return 0;
        } catch (IllegalArgumentException e) {
            err.println("error: " + e.getMessage());
            return 1;
        } catch (IOException e) {
            err.println("error: " + e);
            return 1;
        }
    }

    private static void make(Bringing what, Path folder, Path jar, PrintStream err) throws IOException {
        NewFolder.write(folder, partial -> {
            what.write(new PinnedJar(jar), partial);
            what.check(partial);
        });
        err.println(what.title() + " is in " + folder);
    }

    private static void check(Bringing what, Path folder) throws IOException {
        try {
            what.check(folder);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ": remove the folder, or name another one", e);
        }
    }

    private static Bringing what(String name) {
        if (name.equals(WORDNET)) {
            return new WordNet(0);
        }
        if (name.startsWith(WORDNET + ":")) {
            return new WordNet(count(name.substring(WORDNET.length() + 1)));
        }
        return new ModelFolder(PublishedModel.named(name));
    }

    private static int count(String number) {
        if (!number.matches("[1-9]\\d{0,8}")) {
            throw new IllegalArgumentException("'" + number + "' is no number of definitions: give 1 or more");
        }
        return Integer.parseInt(number);
    }
}
