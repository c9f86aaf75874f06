package org.pagedattention.jobs.report;

/** Something to say, in words. */
public record Fact(String name, String value) {}
