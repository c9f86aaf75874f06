package org.pagedattention.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.pagedattention.model.Oracle;
import org.pagedattention.scoring.LocalSpark;
import scala.jdk.javaapi.CollectionConverters;

/** A session with our functions beside the one of the other tests, and a table for them. */
final class SqlSession {
    static final String EMBEDDING = folder("sentence-bert");
    static final String CLASSIFIER = folder("bert-classifier");
    static final String LANGUAGE = folder("llama-text");
    static final int ROWS = 30;
    static final SparkSession SESSION = open();

    private SqlSession() {}

    private static String folder(String model) {
        return Oracle.of(model).files().folder();
    }

    private static SparkSession open() {
        SparkSession others = LocalSpark.SESSION;
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
        SparkSession session = SparkSession.builder()
                .withExtensions(new PagedAttentionExtensions())
                .getOrCreate();
        SparkSession.setDefaultSession(others);
        session.conf().set("spark.sql.shuffle.partitions", "3");
        session.conf().set("spark.pagedAttention.sql.embed.model", EMBEDDING);
        session.conf().set("spark.pagedAttention.sql.classify.model", CLASSIFIER);
        session.conf().set("spark.pagedAttention.sql.logLikelihood.model", LANGUAGE);
        try {
            String path = Files.createTempDirectory("texts").resolve("table").toString();
            table(session).write().parquet(path);
            session.read().parquet(path).createOrReplaceTempView("texts");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return session;
    }

    /** {@code id}, {@code text}, which is null in every tenth row, {@code before} and {@code tokens}. */
    private static Dataset<Row> table(SparkSession session) {
        List<Oracle.Case> known = Oracle.of("sentence-bert").cases("texts");
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            String text = i % 10 == 7 ? null : known.get(i % known.size()).text() + " " + i % 20;
            rows.add(RowFactory.create((long) i, text, "number " + i % 4, i % 3));
        }
        StructType schema = new StructType()
                .add("id", "long")
                .add("text", "string")
                .add("before", "string")
                .add("tokens", "int");
        return session.createDataFrame(rows, schema).coalesce(1).repartition(2);
    }

    static Dataset<Row> sql(String query) {
        return SESSION.sql(query);
    }

    static List<Row> rows(String query) {
        return sql(query).collectAsList();
    }

    /** Values of a table's second column by its first one. */
    static Map<Object, Object> byId(Dataset<Row> table) {
        Map<Object, Object> values = new TreeMap<>();
        for (Row row : table.collectAsList()) {
            Object value = row.get(1);
            values.put(
                    row.get(0),
                    value instanceof scala.collection.Seq<?> seq
                            ? new ArrayList<>(CollectionConverters.asJava(seq))
                            : value);
        }
        return values;
    }

    /** How often models are evaluated in a query's plan. */
    static long evaluations(String query) {
        return sql(query)
                .queryExecution()
                .optimizedPlan()
                .toString()
                .lines()
                .filter(line -> line.contains("EvaluateModel "))
                .count();
    }
}
