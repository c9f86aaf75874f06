package org.pagedattention.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A standalone cluster of two workers with a core and a GPU each, as far as Spark knows, and one application on it at a
 * time. The Spark home is made of this JVM's own class path.
 */
final class TestCluster implements AutoCloseable {
    private static final Path FOLDER = Path.of("target", "test-cluster").toAbsolutePath();

    private final Map<String, String> environment;
    private final String master;
    private Map<String, String> confOfSession = Map.of();
    private @Nullable SparkSession session;

    private TestCluster(Map<String, String> environment, String master) {
        this.environment = environment;
        this.master = master;
    }

    static TestCluster start() throws Exception {
        Path home = sparkHome();
        Map<String, String> environment =
                Map.of("SPARK_HOME", home.toString(), "JAVA_HOME", System.getProperty("java.home"));
        stop(environment);
        Script.Result result = Script.run(
                environment,
                FOLDER,
                "cluster.sh",
                "start",
                "--dir",
                dir(),
                "--gpus",
                "0;1",
                "--hosts",
                "127.0.0.1;localhost",
                "--port",
                "0");
        assertThat(result.status()).as(result.toString()).isZero();
        String master = result.out().lines().reduce("", (a, b) -> b);
        assertThat(master).startsWith("spark://127.0.0.1:");
        return new TestCluster(environment, master);
    }

    /** The application with these settings: a new one, unless the last one had the same. */
    SparkSession session(Map<String, String> conf) {
        SparkSession last = session;
        if (last != null && confOfSession.equals(conf)) {
            return last;
        }
        stopSession();
        SparkConf spark = new SparkConf(false)
                .setMaster(master)
                .setAppName("cluster-tests")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.ui.enabled", "false")
                .set("spark.plugins", PagedAttentionPlugin.class.getName())
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", classFolders())
                .set("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")
                // a broken GPU backend must not decide what these tests see
                .set("spark.pagedAttention.cudnn.libraryPath", "/nowhere")
                // compiling queries in every executor takes longer than running them
                .set("spark.sql.codegen.wholeStage", "false")
                .set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
                .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "15s")
                .set("spark.scheduler.minRegisteredResourcesRatio", "1.0");
        conf.forEach(spark::set);
        SparkSession started = SparkSession.builder().config(spark).getOrCreate();
        session = started;
        confOfSession = conf;
        return started;
    }

    void stopSession() {
        SparkSession last = session;
        session = null;
        if (last != null) {
            last.stop();
        }
    }

    @Override
    public void close() throws Exception {
        stopSession();
        stop(environment);
    }

    private static void stop(Map<String, String> environment) throws Exception {
        Script.Result result = Script.run(environment, FOLDER, "cluster.sh", "stop", "--dir", dir());
        assertThat(result).isEqualTo(new Script.Result(0, "", ""));
    }

    private static String dir() {
        return FOLDER.resolve("cluster").toString();
    }

    /** Jars of the class path; folders of classes cannot be part of it. */
    private static Path sparkHome() throws IOException {
        Path jars = Files.createDirectories(FOLDER.resolve("spark-home/jars"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path jar = Path.of(entry).toAbsolutePath();
            Path link = jars.resolve(jar.getFileName());
            if (entry.endsWith(".jar") && !Files.exists(link)) {
                Files.createSymbolicLink(link, jar);
            }
        }
        return jars.getParent();
    }

    private static String classFolders() {
        return Stream.of("classes", "test-classes")
                .map(folder -> Path.of("target", folder).toAbsolutePath().toString())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    /** Settings with which Spark starts a slow task a second time, on the other worker. */
    static Map<String, String> speculation() {
        return gpus(
                "spark.speculation",
                "true",
                "spark.speculation.quantile",
                "0.1",
                "spark.speculation.minTaskRuntime",
                "10ms");
    }

    /** Settings that give each executor a GPU. */
    static Map<String, String> gpus(String... more) {
        Map<String, String> conf = new HashMap<>(Map.of("spark.executor.resource.gpu.amount", "1"));
        for (int i = 0; i < more.length; i += 2) {
            conf.put(more[i], more[i + 1]);
        }
        return conf;
    }
}
