package org.pagedattention.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pagedattention.scoring.LocalSpark;

/** A pipeline that one process saved gives the same vectors in another, and so does SQL there. */
class SavedPipelineTest {
    @TempDir
    Path folder;

    @Test
    void givesTheSameVectorsInAnotherProcess() throws Exception {
        Dataset<Row> table = MlTables.texts(25);
        PipelineModel model = MlTables.pipeline().fit(table);
        model.save(at("pipeline"));
        table.write().parquet(at("rows"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx1g", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(SavedPipelineTest.class.getName(), folder.toString(), MlTables.EMBEDDING));
        Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(other.waitFor()).as(output).isZero();
        assertThat(LocalSpark.SESSION.read().parquet(at("out")).orderBy("id").collectAsList())
                .isEqualTo(model.transform(table).orderBy("id").collectAsList());
        assertThat(LocalSpark.SESSION.read().parquet(at("sql")).orderBy("id").collectAsList())
                .isEqualTo(MlTables.embedding()
                        .setOutputType("array")
                        .transform(table)
                        .select("id", "embedding")
                        .orderBy("id")
                        .collectAsList());
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    /** Loads the pipeline of a folder and transforms its rows, and once more in SQL, with the settings of a cluster. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        try (SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.extensions", "org.pagedattention.sql.PagedAttentionExtensions")
                .config("spark.pagedAttention.sql.embed.model", args[1])
                .getOrCreate()) {
            PipelineModel.load(folder.resolve("pipeline").toString())
                    .transform(spark.read().parquet(folder.resolve("rows").toString()))
                    .write()
                    .parquet(folder.resolve("out").toString());
            spark.sql("select id, embed(text) embedding from parquet.`" + folder.resolve("rows") + "`")
                    .write()
                    .parquet(folder.resolve("sql").toString());
        }
    }
}
