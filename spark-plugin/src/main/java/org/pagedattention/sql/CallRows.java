package org.pagedattention.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.scoring.WorkloadPlan;

/**
 * The rows of a call: the columns of the rows below it, which come out again, and behind them the texts that are none of
 * these, which do not.
 *
 * @param call whose texts they are
 * @param below the columns that come out again
 * @param schema all columns, each with a name of its own
 * @param texts names of the columns that the texts are
 * @param computed texts that are no column below
 */
record CallRows(
        ModelCall call, List<Attribute> below, StructType schema, List<String> texts, List<Expression> computed) {

    static CallRows of(ModelCall call, List<Attribute> below) {
        Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        taken.addAll(resultNames());
        StructType schema = new StructType();
        for (Attribute column : below) {
            schema = schema.add(free(column.name(), taken), column.dataType(), column.nullable());
        }
        List<String> texts = new ArrayList<>();
        List<Expression> computed = new ArrayList<>();
        for (Expression text : call.texts()) {
            int at = text instanceof Attribute column ? find(below, column) : -1;
            if (at < 0) {
                String name = free(text.sql(), taken);
                schema = schema.add(name, DataTypes.StringType, true);
                computed.add(text);
                texts.add(name);
            } else {
                texts.add(schema.fields()[at].name());
            }
        }
        return new CallRows(call, below, schema, texts, computed);
    }

    private static List<String> resultNames() {
        List<String> names = new ArrayList<>(List.of("tokens", "truncated", "is_greedy", "bytes", "word_count"));
        names.add(TableScorer.ERROR_COLUMN);
        for (ModelFunction function : ModelFunction.values()) {
            names.addAll(function.results());
        }
        return names;
    }

    private static String free(String wanted, Set<String> taken) {
        String name = wanted;
        for (int i = 2; !taken.add(name); i++) {
            name = String.format(Locale.ROOT, "%s (%d)", wanted, i);
        }
        return name;
    }

    private static int find(List<Attribute> columns, Attribute wanted) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).exprId().equals(wanted.exprId())) {
                return i;
            }
        }
        return -1;
    }

    /** The rows with all their texts. */
    JavaRDD<InternalRow> withTexts(JavaRDD<InternalRow> rows) {
        if (computed.isEmpty()) {
            return rows;
        }
        List<Expression> all = new ArrayList<>(below);
        all.addAll(computed);
        return rows.mapPartitions(new Projection(ScalaLists.seq(all), ScalaLists.seq(below)));
    }

    /** A plan by which a row with a null text has null results, and computed texts stay inside. */
    WorkloadPlan nullsForNulls(WorkloadPlan plan) {
        List<String> names = Arrays.asList(schema.fieldNames());
        return new NullTexts(
                plan,
                texts.stream().map(names::indexOf).toList(),
                new LinkedHashSet<>(names.subList(below.size(), names.size())));
    }

    /**
     * The rows below with the call's value behind them.
     *
     * @param results columns that the scorer made, behind those that it carries
     */
    JavaRDD<InternalRow> withResult(JavaRDD<InternalRow> scored, StructType results) {
        List<Expression> all = new ArrayList<>();
        for (int i = 0; i < below.size(); i++) {
            all.add(new BoundReference(i, below.get(i).dataType(), below.get(i).nullable()));
        }
        List<Expression> values = new ArrayList<>();
        for (String name : call.function().results()) {
            int at = results.fieldIndex(name);
            values.add(new BoundReference(below.size() + at, results.fields()[at].dataType(), true));
        }
        all.add(call.dataType() instanceof StructType struct ? struct(struct, values) : values.get(0));
        return scored.mapPartitions(new Projection(ScalaLists.seq(all), ScalaLists.seq(List.of())));
    }

    private static Expression struct(StructType type, List<Expression> values) {
        List<Expression> parts = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            parts.add(new Literal(UTF8String.fromString(type.fieldNames()[i]), DataTypes.StringType));
            parts.add(values.get(i));
        }
        return new If(new IsNull(values.get(0)), new Literal(null, type), new CreateNamedStruct(ScalaLists.seq(parts)));
    }
}
