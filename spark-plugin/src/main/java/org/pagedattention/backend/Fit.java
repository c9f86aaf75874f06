package org.pagedattention.backend;

import org.pagedattention.paging.PagedBatch;
import org.pagedattention.tensor.Shape;

/** Refuses what does not go together in a pass, with an {@link IllegalArgumentException} that names it. */
public final class Fit {
    private Fit() {}

    /** Wants so many columns. */
    public static void columns(Tensor x, int columns, String what) {
        if (x.shape().columns() != columns) {
            throw new IllegalArgumentException(what + " is " + x.shape() + ", and must have " + columns + " columns");
        }
    }

    /** Wants a multiple of so many columns. */
    public static void multiple(Tensor x, int columns, String what) {
        if (x.shape().columns() % columns != 0) {
            throw new IllegalArgumentException(
                    what + " is " + x.shape() + ", whose columns are no multiple of " + columns);
        }
    }

    /** Wants numbers from 0 up to {@code end}. */
    public static void below(int end, int[] numbers, String what) {
        for (int number : numbers) {
            if (number < 0 || number >= end) {
                throw new IllegalArgumentException(what + " " + number + " is not from 0 to " + (end - 1));
            }
        }
    }

    /** Wants one shape. */
    public static void same(Shape shape, Tensor x) {
        if (!shape.equals(x.shape())) {
            throw new IllegalArgumentException("tensors " + shape + " and " + x.shape() + " differ in shape");
        }
    }

    /** Wants a row a query token. */
    public static void tokens(PagedBatch pages, Tensor x) {
        if (x.shape().rows() != pages.queryTokens()) {
            throw new IllegalArgumentException(
                    "a tensor " + x.shape() + " does not have a row for each of " + pages.queryTokens() + " tokens");
        }
    }

    /**
     * Wants a row a slot.
     *
     * @param slots that page tables name
     * @param before those before the tensor's rows
     */
    public static void slots(int slots, int before, Tensor x) {
        if (before + x.shape().rows() < slots) {
            throw new IllegalArgumentException(
                    "a tensor " + x.shape() + " has not the " + slots + " token slots that the page tables name");
        }
    }
}
