mod oai_answers;
