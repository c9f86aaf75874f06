package org.pagedattention.jobs;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.pagedattention.jobs.archive.ClassArchive;
import org.pagedattention.jobs.archive.RehearseCommand;
import org.pagedattention.jobs.bench.BenchCommand;
import org.pagedattention.jobs.bench.sharing.Way;
import org.pagedattention.jobs.classify.ClassifyCommand;
import org.pagedattention.jobs.cli.Console;
import org.pagedattention.jobs.cli.Failures;
import org.pagedattention.jobs.cli.Usage;
import org.pagedattention.jobs.cli.Versions;
import org.pagedattention.jobs.doctor.DoctorCommand;
import org.pagedattention.jobs.embed.EmbedCommand;
import org.pagedattention.jobs.generate.GenerateCommand;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.SequenceGenerator;
import org.pagedattention.jobs.lengths.LengthsCommand;
import org.pagedattention.jobs.loglikelihood.LogLikelihoodCommand;
import org.pagedattention.jobs.nearest.NearestCommand;
import org.pagedattention.jobs.run.OutputOptions;
import org.pagedattention.jobs.score.IoPath;
import org.pagedattention.jobs.score.ScoreCommand;
import org.pagedattention.jobs.verify.VerifyCommand;
import org.pagedattention.request.TextRequest;
import org.pagedattention.tensor.ElementType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** Entry point of every job. Exit status: 0 done, 1 the job failed, 2 wrong usage. */
@Command(
        name = "submit.sh",
        synopsisSubcommandLabel = "JOB",
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class,
        description = "Transformer models and attention over tables of variable-length sequences, in Apache Spark.",
        footer = {
            "",
            "submit.sh JOB --help lists a job's options. JOB ... --then JOB ... runs several in one process, which starts"
                    + " once, as long as none fails. Exit status: 0 done, 1 failed, 2 wrong usage."
        })
public final class Main {
    /** Stands between two jobs. */
    private static final String THEN = "--then";

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Print the Java stack trace when the job fails")
    private boolean stacktrace;

    private Main() {}

    /** Runs what the arguments name, and ends the JVM: SparkSubmit reports 0 when main returns. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
        PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
        Console console = new Console(out, err);
        int status = runAll(console, List.of(args));
        if (status == Failures.DONE) {
            ClassArchive.makeInBackground(console);
        }
        out.flush();
        err.flush();
        System.exit(status);
    }

    /** Runs jobs one after the other until one fails, and returns the last one's exit status. */
    static int runAll(Console console, List<String> args) {
        int end = args.indexOf(THEN);
        if (end < 0) {
            return run(console, args.toArray(new String[0]));
        }
        int status = run(console, args.subList(0, end).toArray(new String[0]));
        return status == Failures.DONE ? runAll(console, args.subList(end + 1, args.size())) : status;
    }

    /** Runs one job and returns its exit status. */
    static int run(Console console, String... args) {
        for (String argument : args) {
            // what Java makes of bytes that the locale cannot say: the path would be another one
            if (argument.indexOf('\uFFFD') >= 0) {
                console.err()
                        .println("error: the argument '" + argument + "' has characters that this process's locale"
                                + " cannot say: run in a UTF-8 locale (LC_ALL=C.UTF-8)");
                return Failures.WRONG_USAGE;
            }
        }
        CommandLine line = commandLine(console);
        if (args.length == 0) {
            line.usage(console.err());
            return Failures.WRONG_USAGE;
        }
        return line.execute(args);
    }

    /** What understands a job's arguments, and runs it. */
    static CommandLine commandLine(Console console) {
        Main main = new Main();
        CommandLine line = new CommandLine(main)
                .addSubcommand(new EmbedCommand(console))
                .addSubcommand(new ClassifyCommand(console))
                .addSubcommand(new LogLikelihoodCommand(console))
                .addSubcommand(new NearestCommand(console))
                .addSubcommand(GenerateCommand.with(console))
                .addSubcommand(new ScoreCommand(console))
                .addSubcommand(new VerifyCommand(console))
                .addSubcommand(new LengthsCommand(console))
                .addSubcommand(BenchCommand.with(console, job -> run(console, job)))
                .addSubcommand(new DoctorCommand(console))
                .addSubcommand(new RehearseCommand(console, Main::run))
                .setOut(console.out())
                .setErr(console.err())
                // an argument may be a path that begins with @, and no file of arguments
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(true)
                .setHelpFactory(Usage::new)
                .setParameterExceptionHandler(Failures::reportUsage)
                .setExecutionExceptionHandler((e, command, parsed) -> Failures.report(e, command, main.stacktrace));
        converter(line, ElementType.class, ElementType::parse);
        converter(line, TextRequest.OnLong.class, TextRequest.OnLong::parse);
        converter(line, Lengths.class, Lengths::parse);
        choice(line, IoPath.class);
        choice(line, Way.class);
        choice(line, OutputOptions.Mode.class);
        choice(line, SequenceGenerator.Encoding.class);
        return line;
    }

    /** Takes an enum's values by their names in lower case. */
    private static <E extends Enum<E>> void choice(CommandLine line, Class<E> type) {
        List<E> values = List.copyOf(EnumSet.allOf(type));
        List<String> names = values.stream()
                .map(E::name)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        converter(line, type, text -> {
            if (!names.contains(text)) {
                int last = names.size() - 1;
                throw new IllegalArgumentException("'" + text + "' is not known: use "
                        + String.join(", ", names.subList(0, last)) + " or " + names.get(last));
            }
            return values.get(names.indexOf(text));
        });
    }

    /** Lets the message of an IllegalArgumentException stand as picocli's reason. */
    private static <T> void converter(CommandLine line, Class<T> type, Function<String, T> parse) {
        ITypeConverter<T> converter = text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
        line.registerConverter(type, converter);
    }
}
