package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pagedattention.Fuzz;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.Mask;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.request.LinearHead;
import org.pagedattention.request.ScoringOptions;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.TensorRef;

class ScoringFuzzTest {
    @Test
    void rowsOfRandomBytesAreReadOrRefusedWithAReason() {
        for (ElementType type : ElementType.values()) {
            for (boolean arrays : new boolean[] {true, false}) {
                fuzzRows(new AttentionSpec(2, 1, 2, 3, type, Mask.none(), 1), arrays);
            }
        }
    }

    private static void fuzzRows(AttentionSpec spec, boolean arrays) {
        DataType tensor = arrays ? DataTypes.createArrayType(DataTypes.FloatType) : DataTypes.BinaryType;
        StructType schema = new StructType()
                .add("q", tensor)
                .add("name", "string")
                .add("k", tensor)
                .add("v", tensor);
        ScoringOptions options = ScoringOptions.builder(spec).build();
        SequenceReader reader = new SequenceReader(AttentionPlan.of(schema, options), spec, 1 << 20);
        UnsafeProjection unsafe = UnsafeProjection.create(schema);
        Fuzz.inputs(500, random -> {
            GenericInternalRow row = new GenericInternalRow(new Object[] {
                tensor(random, arrays, spec.queryElements() * spec.type().bytes()),
                UTF8String.fromString(Fuzz.text(random, "row", "é")),
                tensor(random, arrays, spec.keyElements() * spec.type().bytes()),
                tensor(random, arrays, spec.valueElements() * spec.type().bytes())
            });
            Sequence sequence;
            try {
                sequence = reader.read(random.nextBoolean() ? row : unsafe.apply(row));
            } catch (BadRow e) {
                assertThat(e.message()).contains("; expected ", ", found ");
                return;
            }
            int queries = sequence.lengths().queryTokens();
            int keys = sequence.lengths().kvTokens();
            assertThat(sequence.q().elements()).isEqualTo(queries * spec.queryElements());
            assertThat(sequence.k().elements()).isEqualTo(keys * spec.keyElements());
            assertThat(sequence.v().elements()).isEqualTo(keys * spec.valueElements());
            for (TensorRef each : new TensorRef[] {sequence.q(), sequence.k(), sequence.v()}) {
                assertThat(each.offset() + each.length())
                        .isLessThanOrEqualTo(each.bytes().capacity());
            }
        });
    }

    private static @Nullable Object tensor(Random random, boolean array, int tokenBytes) {
        if (random.nextInt(20) == 0) {
            return null;
        }
        int whole = tokenBytes * random.nextInt(3);
        int size = random.nextInt(5) == 0 ? random.nextInt(64) : array ? whole / 2 : whole;
        if (!array) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
                // small numbers, so that rows get past the look for infinities
                for (int i = 0; i < size; i++) {
                    bytes[i] &= 0x3b;
                }
            }
            return bytes;
        }
        Object[] floats = new Object[size];
        for (int i = 0; i < size; i++) {
            floats[i] = random.nextInt(200) == 0 ? null : (Object) (float) random.nextGaussian();
        }
        return new GenericArrayData(floats);
    }

    @Test
    void headsOfRandomTextAreReadOrRefused() {
        Fuzz.inputs(
                3000,
                random -> Fuzz.mayRefuse(IllegalArgumentException.class, () -> {
                    String json = random.nextInt(3) == 0
                            ? Fuzz.text(
                                    random,
                                    "{",
                                    "}",
                                    "[",
                                    "]",
                                    ",",
                                    ":",
                                    "\"weights\"",
                                    "\"bias\"",
                                    "1",
                                    "1e999",
                                    "null")
                            : "{\"weights\":["
                                    + Fuzz.text(random, "1", ",", "2.5", "-0", "1e400", "NaN", "[", "\"1\"", "true")
                                    + "],\"bias\":" + Fuzz.text(random, "0", "1e-400", "9", "e", ".", "-")
                                    + (random.nextBoolean()
                                            ? ",\"activation\":\"" + Fuzz.text(random, "none", "sigmoid") + "\"}"
                                            : "}");
                    LinearHead head = LinearHead.parse(json);
                    assertThat(Double.isFinite(head.bias())).isTrue();
                    for (float weight : head.weights()) {
                        assertThat(Float.isFinite(weight)).isTrue();
                    }
                }));
    }

    @Test
    void deepNestingAndHugeNumbersAreRefused() {
        for (String json : new String[] {
            "[".repeat(1_000_000),
            "{\"weights\":" + "[".repeat(500_000),
            "{\"weights\":[" + "9".repeat(500_000) + "]}",
            "{\"weights\":[1e" + "9".repeat(500) + "]}",
            "{\"weights\":[1],\"" + "a".repeat(1_000_000) + "\":1}"
        }) {
            Fuzz.mayRefuse(IllegalArgumentException.class, () -> {
                LinearHead.parse(json);
                throw new AssertionError("read");
            });
        }
    }

    @Test
    void settingsOfRandomTextAreReadOrRefused() {
        String[] keys = PagedAttentionConf.markdownTable()
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toArray(String[]::new);
        Fuzz.inputs(
                3000,
                random -> Fuzz.mayRefuse(IllegalArgumentException.class, () -> {
                    String key = random.nextInt(10) == 0
                            ? Fuzz.text(random, "spark.", "pagedAttention.", "page.", "size")
                            : keys[random.nextInt(keys.length)];
                    String value = Fuzz.text(
                            random, "1", "64", "9999999999", "g", "m", "-", "auto", "cpu", ".", "0", "true", ":", "x");
                    PagedAttentionConf.parse(Map.of(key, value));
                }));
    }
}
