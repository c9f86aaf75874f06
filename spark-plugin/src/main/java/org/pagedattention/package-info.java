/** Paged attention for Apache Spark: see {@code scoring} for the library, {@code plugin} for clusters with GPUs. */
package org.pagedattention;
