package org.pagedattention.jobs.archive;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToIntBiFunction;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.apache.hadoop.fs.FileUtil;
import org.pagedattention.direct.DirectScorer;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.table.JobFailedException;
import picocli.CommandLine.Command;

/** Has Java load what jobs load, for the class archive of scripts/make-class-archive.sh. */
@Command(
        name = "rehearse",
        hidden = true,
        description = "Runs a little of every job on the CPU, and loads the classes that a GPU would need.")
public final class RehearseCommand implements Callable<Integer> {
    private static final List<String> SHAPE =
            List.of("--query-heads", "4", "--kv-heads", "2", "--head-dim", "16", "--dtype", "fp16");

    /** One of each jar's classes: those of the direct path are loaded without a GPU too. */
    private static final List<String> EXAMPLES =
            List.of(RehearseCommand.class.getName(), DirectScorer.class.getName(), "ai.rapids.cudf.Table");

    private final Console console;
    private final ToIntBiFunction<Console, String[]> jobs;

    /**
     * @param jobs runs the job that its arguments name, and returns its exit status
     */
    public RehearseCommand(Console console, ToIntBiFunction<Console, String[]> jobs) {
        this.console = console;
        this.jobs = jobs;
    }

    @Override
    public Integer call() throws IOException {
        Path folder = Files.createTempDirectory("paged-attention");
        try {
            String in = folder.resolve("in").toString();
            String out = folder.resolve("out").toString();
            run("generate", "--output", in, "--sequences", "40", "--lengths", "lognormal:20:0.8:90");
            run("lengths", "--input", in, "--svg", folder.resolve("lengths.svg").toString());
            run("score", "--backend", "cpu", "--input", in, "--output", out, "--emit", "o,lse,pooled");
            run("verify", "--input", in, "--scored", out);
        } finally {
            FileUtil.fullyDelete(folder.toFile());
        }
        int loaded = EXAMPLES.stream().mapToInt(RehearseCommand::loadJarOf).sum();
        console.out().println("rehearsed, with " + loaded + " classes of our jars and cuDF's");
        return Failures.DONE;
    }

    private void run(String... job) {
        List<String> arguments = new ArrayList<>(Arrays.asList(job));
        arguments.addAll(SHAPE);
        Console quiet = new Console(new PrintWriter(Writer.nullWriter()), console.err());
        int status = jobs.applyAsInt(quiet, arguments.toArray(new String[0]));
        if (status != Failures.DONE) {
            throw new JobFailedException("the rehearsal of " + job[0] + " ended with status " + status);
        }
    }

    /** Loads the classes of the jar that holds {@code example}, and initializes none; 0 where no jar does. */
    private static int loadJarOf(String example) {
        try {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            URI place = Class.forName(example, false, loader)
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            if (!Files.isRegularFile(Path.of(place))) {
                return 0;
            }
            try (JarFile jar = new JarFile(Path.of(place).toFile())) {
                return (int) jar.stream()
                        .map(ZipEntry::getName)
                        .filter(name -> name.endsWith(".class") && !name.contains("-"))
                        .filter(name -> isLoaded(name.replace('/', '.').replaceFirst("\\.class$", ""), loader))
                        .count();
            }
        } catch (ClassNotFoundException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Some serve libraries that are not here. */
    private static boolean isLoaded(String name, ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
