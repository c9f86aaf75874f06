package org.pagedattention.scoring;

/** Why a row cannot be scored. */
record BadRow(String reason, String expected, String found) {

    String message() {
        return reason + "; expected " + expected + ", found " + found;
    }
}
