package org.pagedattention.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.ReferenceAttention;
import org.pagedattention.tensor.ElementType;
import org.pagedattention.tensor.Tolerance;

/** Random sequences as rows, and what attention must give for them. */
public final class TestSequences {
    final AttentionSpec spec;
    final boolean arrays;
    final List<float[][]> tensors = new ArrayList<>();

    public TestSequences(AttentionSpec spec, boolean arrays, long seed, int... tokens) {
        this.spec = spec;
        this.arrays = arrays;
        Random random = new Random(seed);
        for (int t : tokens) {
            add(random, t, t);
        }
    }

    void add(Random random, int queries, int keys) {
        tensors.add(new float[][] {
            gaussians(random, queries * spec.queryElements()),
            gaussians(random, keys * spec.keyElements()),
            gaussians(random, keys * spec.valueElements())
        });
    }

    public StructType schema() {
        DataType type = arrays ? DataTypes.createArrayType(DataTypes.FloatType) : DataTypes.BinaryType;
        return new StructType().add("id", "long").add("q", type).add("k", type).add("v", type);
    }

    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) {
            float[][] t = tensors.get(i);
            rows.add(RowFactory.create((long) i, column(t[0]), column(t[1]), column(t[2])));
        }
        return rows;
    }

    Object column(float[] values) {
        return arrays ? values : bytes(spec.type(), values);
    }

    static byte[] bytes(ElementType type, float... values) {
        byte[] bytes = new byte[values.length * type.bytes()];
        type.write(values, values.length, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0);
        return bytes;
    }

    static float[] floats(ElementType type, byte[] bytes) {
        float[] floats = new float[bytes.length / type.bytes()];
        type.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), 0, floats, floats.length);
        return floats;
    }

    float[] o(Row row) {
        int column = row.fieldIndex("o");
        return arrays ? floats(row, "o") : floats(spec.type(), (byte[]) row.get(column));
    }

    static float[] floats(Row row, String column) {
        List<Float> list = row.getList(row.fieldIndex(column));
        float[] floats = new float[list.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = list.get(i);
        }
        return floats;
    }

    ReferenceAttention.Result expected(int i) {
        float[][] t = tensors.get(i);
        return ReferenceAttention.attend(spec, t[0], t[1], t[2]);
    }

    void assertO(Row row) {
        int id = (int) row.getLong(row.fieldIndex("id"));
        assertClose("o of row " + id, expected(id).o(), o(row), Tolerance.of(spec.type()));
    }

    static void assertClose(String what, double[] expected, float[] actual, Tolerance tolerance) {
        assertThat(actual).as(what).hasSize(expected.length);
        for (int e = 0; e < expected.length; e++) {
            assertThat(tolerance.allows(expected[e], actual[e]))
                    .as("%s: element %d is %s, expected %s", what, e, actual[e], expected[e])
                    .isTrue();
        }
    }

    private float[] gaussians(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = spec.type().round((float) random.nextGaussian());
        }
        return values;
    }
}
