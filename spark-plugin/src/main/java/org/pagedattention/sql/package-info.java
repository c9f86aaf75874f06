/**
 * Models as functions of Spark SQL: with {@code spark.sql.extensions=org.pagedattention.sql.PagedAttentionExtensions} there
 * are {@code embed}, {@code classify} and {@code log_likelihood}, which are computed in batches by an operator of the query's
 * plan. Called by Spark's analyzer, optimizer and planner on the driver's threads, and by tasks. What is wrong with a call is
 * an {@code IllegalArgumentException} that names the function and the option.
 */
@NullMarked
package org.pagedattention.sql;

import org.jspecify.annotations.NullMarked;
