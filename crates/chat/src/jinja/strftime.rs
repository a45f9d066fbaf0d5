//! `strftime_now`: the date, which the host must say.

use crate::error::{Error, Result};

/// A moment of the local clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// Year, from 0 to 9999.
    pub year: u16,
    /// Month, from 1.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, from 0 to 23.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
    /// Second.
    pub second: u8,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

impl DateTime {
    /// Reads `2024-07-26` or `2024-07-26T12:00:00`; what follows the seconds is left aside.
    ///
    /// # Errors
    /// [`Error::Time`] if the text is something else, or there is no such day or time.
    pub fn parse(text: &str) -> Result<Self> {
        let part = |range: std::ops::Range<usize>| {
            let digits = text.get(range)?;
            let is_number = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
            is_number.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let byte = |range| part(range).and_then(|part| u8::try_from(part).ok());
        let is_sign =
            |at: usize, signs: &[u8]| text.as_bytes().get(at).is_some_and(|c| signs.contains(c));
        let has_time = text.len() > 10;
        let time = |range| if has_time { byte(range) } else { Some(0) };
        let fields = || {
            Some(Self {
                year: part(0..4)?,
                month: byte(5..7)?,
                day: byte(8..10)?,
                hour: time(11..13)?,
                minute: time(14..16)?,
                second: time(17..19)?,
            })
        };
        let has_signs = is_sign(4, b"-") && is_sign(7, b"-");
        let has_time_signs =
            !has_time || (is_sign(10, b"T ") && is_sign(13, b":") && is_sign(16, b":"));
        let is_there = |time: &Self| {
            (1..=12).contains(&time.month)
                && (1..=time.month_days()).contains(&time.day)
                && time.hour < 24
                && time.minute < 60
                && time.second < 61
        };
        let read = fields().filter(|time| has_signs && has_time_signs && is_there(time));
        read.ok_or_else(|| Error::Time {
            found: text.to_owned(),
        })
    }

    /// The moment that many seconds after the beginning of 1970.
    ///
    /// # Source
    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    pub fn from_unix(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Months from March on.
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: year.clamp(0, 9999) as u16,
            month: month as u8,
            day: day as u8,
            hour: (rest / 3600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }

    fn is_leap_year(&self) -> bool {
        self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400))
    }

    fn month_days(&self) -> u8 {
        match self.month {
            2 => 28 + u8::from(self.is_leap_year()),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// From 1.
    fn day_of_year(&self) -> u32 {
        let before = |month| Self { month, ..*self }.month_days();
        (1..self.month)
            .map(|month| u32::from(before(month)))
            .sum::<u32>()
            + u32::from(self.day)
    }

    /// From Sunday, 0, on.
    fn weekday(&self) -> usize {
        let year = u32::from(self.year);
        let years = year + 400 - 1;
        (years + years / 4 - years / 100 + years / 400 + self.day_of_year()) as usize % 7
    }

    /// The moment as C's `strftime` writes it, in English.
    pub(super) fn format(&self, format: &str) -> String {
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('-') => {
                    let field = chars.next().map(|c| self.field(c)).unwrap_or_default();
                    let cut = field.trim_start_matches(['0', ' ']);
                    out.push_str(if cut.is_empty() { "0" } else { cut });
                }
                Some(c) => out.push_str(&self.field(c)),
                None => out.push('%'),
            }
        }
        out
    }

    fn field(&self, c: char) -> String {
        let month = MONTHS[usize::from(self.month.clamp(1, 12)) - 1];
        let day = DAYS[self.weekday()];
        let hour_12 = (self.hour + 11) % 12 + 1;
        match c {
            'Y' => self.year.to_string(),
            'y' => format!("{:02}", self.year % 100),
            'm' => format!("{:02}", self.month),
            'd' => format!("{:02}", self.day),
            'e' => format!("{:2}", self.day),
            'H' => format!("{:02}", self.hour),
            'I' => format!("{hour_12:02}"),
            'M' => format!("{:02}", self.minute),
            'S' => format!("{:02}", self.second),
            'j' => format!("{:03}", self.day_of_year()),
            'p' => if self.hour < 12 { "AM" } else { "PM" }.to_owned(),
            'B' => month.to_owned(),
            'b' | 'h' => month[..3].to_owned(),
            'A' => day.to_owned(),
            'a' => day[..3].to_owned(),
            'w' => self.weekday().to_string(),
            'F' => self.format("%Y-%m-%d"),
            'T' => self.format("%H:%M:%S"),
            'R' => self.format("%H:%M"),
            'D' => self.format("%m/%d/%y"),
            'c' => self.format("%a %b %e %T %Y"),
            'x' => self.format("%m/%d/%y"),
            'X' => self.format("%H:%M:%S"),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            c => format!("%{c}"),
        }
    }
}
