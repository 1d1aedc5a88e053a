//! A position as it is written, before it is judged: every field may hold anything.
//!
//! The JSON reader and the CSV reader fill the same draft; `check` makes a position of it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value that is neither a group nor a list.
#[derive(Debug, Default)]
pub(super) enum Scalar<'a> {
    #[default]
    Absent,
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    Bool(bool),
    /// A number with decimals, an object or a list: no field may hold them.
    Other,
}

/// A JSON object.
#[derive(Debug, Default)]
pub(super) enum Group<T> {
    #[default]
    Absent,
    Null,
    Fields(Box<T>),
    Other,
}

impl<T: Default> Group<T> {
    /// The fields, which are there from now on.
    pub(super) fn fields_mut(&mut self) -> &mut T {
        if !matches!(self, Self::Fields(_)) {
            *self = Self::Fields(Box::default());
        }
        match self {
            Self::Fields(fields) => fields,
            _ => unreachable!("it was made just above"),
        }
    }
}

/// A JSON array of objects.
#[derive(Debug, Default)]
pub(super) enum List<T> {
    #[default]
    Absent,
    Null,
    Elements(Vec<Group<T>>),
    Other,
}

impl<T: Default> List<T> {
    /// The fields of the element at `place` from 0, which is there from now on.
    pub(super) fn element_mut(&mut self, place: usize) -> &mut T {
        if !matches!(self, Self::Elements(_)) {
            *self = Self::Elements(Vec::new());
        }
        let Self::Elements(elements) = self else { unreachable!("it was made just above") };
        if elements.len() <= place {
            elements.resize_with(place + 1, Group::default);
        }
        elements[place].fields_mut()
    }
}

/// Declares a draft group: all fields are scalars unless said otherwise.
macro_rules! draft {
    ($name:ident { $($scalar:ident)* $(; $($field:ident: $type:ty),*)? }) => {
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(default)]
        pub(super) struct $name<'a> {
            $(#[serde(borrow)] pub $scalar: Scalar<'a>,)*
            $($(#[serde(borrow)] pub $field: $type,)*)?
        }
    };
}

draft!(Draft {
    position_id version organization debt_type year status;
    debtor: Group<DebtorDraft<'a>>,
    notices: List<NoticeDraft<'a>>,
    items: List<ItemDraft<'a>>,
    fine: Group<FineDraft<'a>>,
    flags: Group<FlagsDraft<'a>>
});
draft!(DebtorDraft { kind fiscal_code name abroad });
draft!(NoticeDraft { notice_number iuv tier installment amount due_date });
draft!(ItemDraft { assessment chapter siope amount part stamp_duty });
draft!(FlagsDraft { installments enforcement_on deceased review_pending sensitive });
draft!(FineDraft {
    report_number report_date violation_date notified_on discount_allowed settleable appeal
    installments enforcement_on deceased review_pending sensitive
    plate half_maximum prescription_from;
    driver_data: Group<DriverDataDraft<'a>>,
    points: Group<PointsDraft<'a>>
});
draft!(DriverDataDraft { required received_on driver_identified sanction_raised restarted_on });
draft!(PointsDraft { points transmitted_on acknowledged_on driver_fiscal_code });

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Scalar::Other, Scalar::Integer))
    }

    #[expect(clippy::disallowed_types, reason = "serde's signature; the value is not looked at")]
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Value, A::Error> {
        pass_over_list(elements).map(|()| Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        pass_over_object(members).map(|()| Scalar::Other)
    }
}

fn pass_over_list<'de, A: SeqAccess<'de>>(mut elements: A) -> Result<(), A::Error> {
    while elements.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn pass_over_object<'de, A: MapAccess<'de>>(mut members: A) -> Result<(), A::Error> {
    while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Visits a scalar where a group or a list is wanted.
macro_rules! scalars_are_other {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::Null)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::Other)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::Other)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::Other)
        }

        #[expect(
            clippy::disallowed_types,
            reason = "serde's signature; the value is not looked at"
        )]
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::Other)
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Self::Value::Other)
        }
    };
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Group<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GroupVisitor(PhantomData))
    }
}

struct GroupVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for GroupVisitor<T> {
    type Value = Group<T>;

    scalars_are_other!();

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Box::new).map(Group::Fields)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Value, A::Error> {
        pass_over_list(elements).map(|()| Group::Other)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    scalars_are_other!();

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        pass_over_object(members).map(|()| List::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(List::Elements(elements))
    }
}
