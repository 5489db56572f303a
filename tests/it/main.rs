mod oai_answers;
mod peers;
mod readme;
