package org.pagedattention.jobs.bench.embed;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** English-like texts of log-normal length, of words that are one token each. */
final class Corpus {
    private static final String[] WORDS = """
            the of and to in a is that for it as was with be by on not he his but at are this have from or had an they
            which one you were all her she there would their we him been has when who will no more if out so up said
            what its about than into them can only other time new some could these two may first then do any like my
            now over such our man me even most made after also did many off before must well back through years much
            where your way down should because long each just state those people too little good world make very year
            still see own work men day get here old life both between being under three never know same last another
            while us might great go come since against right came take used himself few house american use place
            during high without again home around small however found part school thought went say general once upon
            war left public program fact put set look system better end course data model table sequence cluster
            memory customer order invoice shipment warehouse international organization""".split("\\s+");

    private static final double SIGMA = 0.6;
    private static final int SHORTEST = 3;

    private Corpus() {}

    /**
     * Texts with {@code mean} tokens on average, before those that are too long are cut.
     *
     * @param longest most tokens of a text
     */
    static List<String> texts(int count, int mean, int longest, long seed) {
        Random random = new Random(seed);
        double mu = Math.log(mean) - SIGMA * SIGMA / 2;
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int tokens = (int) Math.round(Math.exp(mu + SIGMA * random.nextGaussian()));
            texts.add(words(Math.max(SHORTEST, Math.min(longest, tokens)) - 2, random));
        }
        return texts;
    }

    private static String words(int count, Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
        return text.toString();
    }
}
