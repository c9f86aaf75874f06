package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pagedattention.conf.PagedAttentionConf;
import scala.Tuple2;

/** The files in conf/ are accepted by the checks that an application runs. */
class ConfFilesTest {
    private static final Path CONF = Path.of("..", "conf");
    private static final Pattern COMMENTED_SETTING = Pattern.compile("(?m)^# (spark\\.\\S+\\s{2,}\\S)");

    static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(CONF)) {
            return all.filter(file -> file.getFileName().toString().startsWith("spark-defaults-"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void thereIsOneForEachKindOfClusterAndNoneThatSparkWouldLoadUnasked() throws IOException {
        assertThat(files())
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "spark-defaults-kubernetes.conf",
                        "spark-defaults-local.conf",
                        "spark-defaults-standalone-gpu.conf",
                        "spark-defaults-yarn.conf");
        assertThat(CONF.resolve("spark-defaults.conf")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("files")
    void isAcceptedAsItIs(Path file) throws IOException {
        check(file, Files.readString(file));
    }

    @ParameterizedTest
    @MethodSource("files")
    void isAcceptedWithAllThatItSuggests(Path file) throws IOException {
        String text = Files.readString(file);
        assertThat(COMMENTED_SETTING.matcher(text).find()).isTrue();
        check(file, COMMENTED_SETTING.matcher(text).replaceAll("$1"));
    }

    private static void check(Path file, String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        SparkConf spark = new SparkConf(false);
        properties.forEach((key, value) -> spark.set((String) key, ((String) value).strip()));
        Map<String, String> all = new HashMap<>();
        for (Tuple2<String, String> entry : spark.getAll()) {
            all.put(entry._1, entry._2);
        }
        boolean local = file.toString().contains("-local");
        assertThat(all).containsEntry("spark.plugins", PagedAttentionPlugin.class.getName());
        assertThat(all.getOrDefault("spark.master", "").startsWith("local")).isEqualTo(local);
        assertThatCode(() -> ResourceCheck.check(all, local, PagedAttentionConf.parse(all)))
                .doesNotThrowAnyException();
        assertThat(all.containsKey("spark.executor.resource.gpu.amount")).isNotEqualTo(local);
        // tokenizers of all tasks would wait for each other
        assertThat(all).doesNotContainKey("spark.executorEnv.MALLOC_ARENA_MAX");
        assertThat(spark.getSizeAsMb(local ? "spark.driver.memory" : "spark.executor.memory"))
                .isPositive();
    }
}
