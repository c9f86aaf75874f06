package org.pagedattention.jobs.verify;

import org.apache.spark.sql.Row;
import org.pagedattention.tensor.Tolerance;

/** What the reference says about one column of a row. */
record Expected(double[] values, Tolerance tolerance) {

    /**
     * Compares what was written, and notes the largest error.
     *
     * @param row what to call the row
     * @return what is wrong; empty when nothing is
     */
    String compare(String column, double[] actual, String row, Verdict verdict) {
        String what = column + " of row " + row;
        if (actual.length != values.length) {
            return what + " has " + actual.length + " elements, expected " + values.length;
        }
        double worst = 0;
        String problem = "";
        for (int i = 0; i < actual.length; i++) {
            double error = actual[i] == values[i] ? 0 : Math.abs(actual[i] - values[i]);
            boolean allowed = tolerance.allows(values[i], actual[i]);
            if (!(allowed && Double.isNaN(error))) {
                worst = Double.compare(error, worst) > 0 ? error : worst;
            }
            if (!allowed && problem.isEmpty()) {
                problem = what + ": element " + i + " is " + actual[i] + ", expected " + values[i] + " within "
                        + tolerance;
            }
        }
        verdict.error(column, worst, row);
        return problem;
    }

    /** What is wrong where a column must hold just this; empty when it does. */
    static String same(Row row, String column, Object expected, String name) {
        Object actual = row.getAs(column);
        return expected.equals(actual) ? "" : column + " of row " + name + " is " + actual + ", expected " + expected;
    }
}
