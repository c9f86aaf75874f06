package org.pagedattention.jobs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command of a page's shell blocks, as bash calls it: bash runs the blocks, with programs in place of ours that note what
 * they were called with.
 *
 * @param program file name of what is called
 */
record ShellCommand(String program, List<String> arguments) {
    private static final Path SCRIPTS = Page.ROOT.resolve("scripts");
    private static final String NOTE = "#!/bin/bash\nprintf '%s\\0' \"${0##*/}\" \"$@\" $'\\n' >>\"$NOTES\"\n";

    /** All calls of the page's blocks, in their order; what else the blocks do is done in {@code folder}. */
    static List<ShellCommand> of(Page page, Path folder) throws IOException, InterruptedException {
        Path notes = Files.createFile(folder.resolve("notes"));
        try (Stream<Path> scripts = Files.list(SCRIPTS)) {
            for (Path script : scripts.filter(Files::isRegularFile).toList()) {
                write(folder.resolve("scripts").resolve(script.getFileName()));
            }
        }
        for (String program : List.of("bin/spark-submit", "bin/mvn", "bin/git", "mvnw")) {
            write(folder.resolve(program));
        }
        for (Page.Block block : page.blocks()) {
            if (block.language().equals("sh")) {
                run(page, block.text(), folder, notes);
            }
        }
        List<ShellCommand> commands = new ArrayList<>();
        for (String call : Files.readString(notes).split("\0\n\0")) {
            if (!call.isEmpty()) {
                List<String> words = List.of(call.split("\0", -1));
                commands.add(new ShellCommand(words.get(0), words.subList(1, words.size())));
            }
        }
        return commands;
    }

    private static void write(Path program) throws IOException {
        Files.createDirectories(program.getParent());
        Files.writeString(program, NOTE);
        if (!program.toFile().setExecutable(true)) {
            throw new IOException(program + " stays no program");
        }
    }

    private static void run(Page page, String block, Path folder, Path notes) throws IOException, InterruptedException {
        ProcessBuilder bash = new ProcessBuilder("bash", "-euc", block).directory(folder.toFile());
        bash.environment().put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
        bash.environment().put("SPARK_HOME", folder.toString());
        bash.environment().put("NOTES", notes.toString());
        Process process = bash.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(page + ": bash says of\n" + block + output);
        }
    }

    /** Options of spark-submit in it, as submit.sh takes them from the others. */
    List<String> sparkOptions() throws IOException {
        return separate(true);
    }

    /** What goes to the job. */
    List<String> jobOptions() throws IOException {
        return separate(false);
    }

    private List<String> separate(boolean spark) throws IOException {
        Pattern known = Pattern.compile("--master \\| .*?\\)", Pattern.DOTALL);
        String list = known.matcher(Files.readString(SCRIPTS.resolve("submit.sh")))
                .results()
                .findFirst()
                .orElseThrow()
                .group();
        List<String> ofSpark =
                List.of(list.replaceAll("[|\\\\)\\s]+", " ").strip().split(" "));
        List<String> found = new ArrayList<>();
        boolean job = false;
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            boolean isSparks = ofSpark.contains(word) || (program.equals("spark-submit") && word.equals("--class"));
            if (!job && isSparks) {
                if (spark) {
                    found.addAll(arguments.subList(i, i + 2));
                }
                i++;
            } else if (program.equals("spark-submit") && word.endsWith(".jar")) {
                job = true;
                if (spark) {
                    found.add(word);
                }
            } else if (!spark) {
                found.add(word);
            }
        }
        return found;
    }

    /** Whether a job is what it runs. */
    boolean isJob() {
        return program.equals("submit.sh") || program.equals("spark-submit");
    }

    @Override
    public String toString() {
        return program + " " + String.join(" ", arguments);
    }
}
