"""The rating page and the survey of nine questions in citizens' words, by language. Plain tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.satisfaction import Element


@dataclass(frozen=True, slots=True)
class Question:
    """One element as it is asked, with the words for its marks, from 1 to 4."""

    text: str
    marks: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class SurveyPhrases:
    """What the two pages say. ``marks``: the words for a rating from 1 to 4."""

    marks: tuple[str, str, str, str]
    questions: Mapping[Element, Question]


SURVEY: Mapping[str, SurveyPhrases] = {
    "id": SurveyPhrases(
        marks=("Tidak baik", "Kurang baik", "Baik", "Sangat baik"),
        questions={
            Element.REQUIREMENTS: Question(
                "Apakah persyaratan layanan sesuai dengan jenis layanannya?",
                ("Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"),
            ),
            Element.PROCEDURE: Question(
                "Apakah prosedur layanan mudah?",
                ("Tidak mudah", "Kurang mudah", "Mudah", "Sangat mudah"),
            ),
            Element.TIME: Question(
                "Apakah layanan diberikan dengan cepat?",
                ("Tidak cepat", "Kurang cepat", "Cepat", "Sangat cepat"),
            ),
            Element.COST: Question(
                "Bagaimana kewajaran biaya layanan ini?",
                ("Sangat mahal", "Cukup mahal", "Murah", "Gratis"),
            ),
            Element.PRODUCT: Question(
                "Apakah hasil layanan sesuai dengan yang tercantum dalam standar pelayanan?",
                ("Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"),
            ),
            Element.COMPETENCE: Question(
                "Bagaimana kemampuan petugas dalam melayani?",
                ("Tidak kompeten", "Kurang kompeten", "Kompeten", "Sangat kompeten"),
            ),
            Element.BEHAVIOUR: Question(
                "Bagaimana kesopanan dan keramahan petugas?",
                ("Tidak ramah", "Kurang ramah", "Ramah", "Sangat ramah"),
            ),
            Element.COMPLAINTS: Question(
                "Bagaimana penanganan pengaduan, saran, dan masukan?",
                ("Tidak ada", "Ada tetapi tidak berfungsi", "Berfungsi, kurang maksimal", "Dikelola baik"),
            ),
            Element.FACILITIES: Question(
                "Bagaimana sarana dan prasarana layanan, termasuk WhatsApp, email, dan situs web kami?",
                ("Buruk", "Cukup", "Baik", "Sangat baik"),
            ),
        },
    ),
    "en": SurveyPhrases(
        marks=("Poor", "Fair", "Good", "Very good"),
        questions={
            Element.REQUIREMENTS: Question(
                "Did the requirements fit the service?",
                ("Not at all", "Not quite", "They did", "Very well"),
            ),
            Element.PROCEDURE: Question(
                "Was the procedure easy?", ("Not easy", "Not quite", "Easy", "Very easy")
            ),
            Element.TIME: Question(
                "Was the service quick?", ("Not quick", "Not quite", "Quick", "Very quick")
            ),
            Element.COST: Question(
                "What do you think of the cost of the service?",
                ("Very expensive", "Rather expensive", "Cheap", "Free of charge"),
            ),
            Element.PRODUCT: Question(
                "Was the result what the service standard says?",
                ("Not at all", "Not quite", "It was", "Very much so"),
            ),
            Element.COMPETENCE: Question(
                "How competent was our staff?",
                ("Not competent", "Not quite", "Competent", "Very competent"),
            ),
            Element.BEHAVIOUR: Question(
                "How polite and friendly was our staff?",
                ("Not friendly", "Not quite", "Friendly", "Very friendly"),
            ),
            Element.COMPLAINTS: Question(
                "How are complaints, suggestions and comments handled?",
                ("There is no way", "There is, but it does not work", "It works, not fully", "Handled well"),
            ),
            Element.FACILITIES: Question(
                "How are the facilities, our WhatsApp, e-mail and website included?",
                ("Bad", "Fair", "Good", "Very good"),
            ),
        },
    ),
}
