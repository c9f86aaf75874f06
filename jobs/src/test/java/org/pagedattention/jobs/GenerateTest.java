package org.pagedattention.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.jobs.generate.GenerateCommand;
import org.pagedattention.jobs.generate.Lengths;
import org.pagedattention.jobs.generate.SequenceGenerator;
import org.pagedattention.jobs.verify.PlainTensors;
import org.pagedattention.tensor.ElementType;

class GenerateTest {
    @TempDir
    Path dir;

    @BeforeAll
    static void startSpark() {
        JobRun.spark();
    }

    private List<Row> rows(String name, String options) {
        JobRun run = JobRun.generate(dir.resolve(name), options);
        assertThat(run.status()).as(run.err()).isZero();
        return JobRun.table(dir.resolve(name)).orderBy("id").collectAsList();
    }

    @Test
    void sameSeedGivesSameRowsInAnyNumberOfPartitions() {
        String options = "--sequences 20 --lengths uniform:0:9 --seed 5";
        List<Row> one = rows("one", options + " --partitions 1");
        List<Row> seven = rows("seven", options + " --partitions 7");
        List<Row> other = rows("other", "--sequences 20 --lengths uniform:0:9 --seed 6");
        assertThat(one).hasSize(20);
        for (int i = 0; i < 20; i++) {
            assertThat(one.get(i).getString(1)).isEqualTo(seven.get(i).getString(1));
            for (String column : List.of("q", "k", "v")) {
                assertThat(one.get(i).<byte[]>getAs(column))
                        .isEqualTo(seven.get(i).<byte[]>getAs(column));
            }
        }
        assertThat(one).anySatisfy(row -> {
            byte[] otherQ = other.get((int) row.getLong(0)).getAs("q");
            assertThat(row.<byte[]>getAs("q")).isNotEqualTo(otherQ);
        });
    }

    @Test
    void columnsHaveTheShapesAskedFor() {
        Row row = rows("shapes", "--sequences 1 --lengths fixed:3 --kv-lengths fixed:5 --value-dim 8")
                .get(0);
        assertThat(row.getLong(0)).isZero();
        assertThat(row.getString(1)).isEqualTo("sequence-000000");
        assertThat(row.<byte[]>getAs("q")).hasSize(3 * 4 * 16 * 2);
        assertThat(row.<byte[]>getAs("k")).hasSize(5 * 2 * 16 * 2);
        assertThat(row.<byte[]>getAs("v")).hasSize(5 * 2 * 8 * 2);
    }

    @Test
    void arraysHoldTheNumbersOfTheBinaryTable() {
        Row binary = rows("binary", "--sequences 1 --lengths fixed:3").get(0);
        Row array = rows("array", "--sequences 1 --lengths fixed:3 --encoding array")
                .get(0);
        assertThat(array.schema().apply("q").dataType())
                .isEqualTo(DataTypes.createArrayType(DataTypes.FloatType, true));
        for (String column : List.of("q", "k", "v")) {
            assertThat(PlainTensors.read(array, column, ElementType.FP16))
                    .isEqualTo(PlainTensors.read(binary, column, ElementType.FP16));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // 64 heads x dims of q, and 32 each of k and v, of 2 or 4 bytes
        "fixed:65536, , BINARY, 32, 4",
        "fixed:1, fixed:65536, BINARY, 32, 2",
        "fixed:65536, fixed:1, BINARY, 32, 2",
        "fixed:65536, , ARRAY, 32, 8",
        "fixed:1, , BINARY, 32, 1",
    })
    void filesAreAsManyAsTheirBytesNeed(
            String lengths, String kvLengths, SequenceGenerator.Encoding encoding, long sequences, int files) {
        AttentionSpec spec = new AttentionSpec(4, 2, 16, 16, ElementType.FP16, Mask.none(), 1);
        Lengths kv = kvLengths == null ? null : Lengths.parse(kvLengths);
        SequenceGenerator generator = new SequenceGenerator(spec, Lengths.parse(lengths), kv, encoding, 0);
        assertThat(GenerateCommand.partitions(1, generator, sequences)).isEqualTo(files);
        assertThat(GenerateCommand.partitions(9, generator, sequences)).isEqualTo(Math.max(9, files));
    }

    @Test
    void numbersAreStandardNormal() {
        Row row = rows("normal", "--sequences 1 --lengths fixed:2000").get(0);
        float[] values = PlainTensors.read(row, "q", ElementType.FP16);
        double mean = 0;
        double square = 0;
        for (float value : values) {
            mean += value / values.length;
            square += (double) value * value / values.length;
        }
        assertThat(mean).isCloseTo(0, within(0.02));
        assertThat(square).isCloseTo(1, within(0.02));
        float[] keys = Arrays.copyOf(PlainTensors.read(row, "k", ElementType.FP16), 100);
        assertThat(keys).isNotEqualTo(Arrays.copyOf(values, 100));
    }

    @Test
    void noSequencesGiveAnEmptyTable() {
        assertThat(rows("empty", "--sequences 0")).isEmpty();
        Dataset<Row> table = JobRun.table(dir.resolve("empty"));
        assertThat(table.columns()).containsExactly("id", "name", "q", "k", "v");
    }

    @Test
    void overwriteReplacesTheTable() {
        rows("again", "--sequences 5 --lengths fixed:1");
        assertThat(rows("again", "--sequences 2 --lengths fixed:1 --mode overwrite"))
                .hasSize(2);
    }
}
