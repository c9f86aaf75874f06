package org.pagedattention.jobs.getmodel;

import java.util.ArrayList;
import java.util.List;

/**
 * One meaning of WordNet.
 *
 * @param id the letter of its part of speech, which is r for adverbs, and its place in that part's file
 * @param words that have it
 * @param partOfSpeech noun, verb, adj or adv
 * @param gloss its definition, and examples behind it
 */
record Synset(String id, List<String> words, String partOfSpeech, String gloss) {
    private static final String BEFORE_GLOSS = " | ";
    /** Where an adjective may stand, written behind it. */
    private static final String MARKER = "\\((a|p|ip)\\)$";

    /** @param line of a file {@code data.*}: place, file number, type, number of words in hexadecimal, words, pointers */
    static Synset parse(String partOfSpeech, String line) {
        int bar = line.indexOf(BEFORE_GLOSS);
        String[] fields = line.split(" ", -1);
        if (bar < 0 || fields.length < 6) {
            throw new IllegalArgumentException("a line of data." + partOfSpeech + " has no definition: " + line);
        }
        List<String> words = new ArrayList<>();
        int count = Integer.parseInt(fields[3], 16);
        for (int i = 0; i < count; i++) {
            words.add(fields[4 + 2 * i].replaceFirst(MARKER, "").replace('_', ' '));
        }
        String gloss = line.substring(bar + BEFORE_GLOSS.length()).strip();
        // a satellite is an adjective too
        return new Synset(fields[2].replace('s', 'a') + fields[0], words, partOfSpeech, gloss);
    }
}
