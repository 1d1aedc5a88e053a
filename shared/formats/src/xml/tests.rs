//! What the core refuses, and what it lets through.

use std::fmt::Write as _;

use super::*;

/// Walks over a whole document, and gives its texts one behind the other.
fn walk(bytes: &[u8]) -> Result<String, Defects> {
    let mut all = String::new();
    read(&mut &*bytes, |doc| {
        while doc.step(Text::Kept(&mut all, usize::MAX))? != Step::End {}
        Ok(())
    })?;
    Ok(all)
}

fn rule(bytes: &[u8]) -> Option<Rule> {
    walk(bytes).err().map(|defects| defects.listed()[0].rule)
}

#[test]
fn well_formed_documents_are_read() {
    for (document, text) in [
        ("<a/>", ""),
        ("\u{feff}<a>x</a>", "x"),
        ("<?xml version=\"1.0\"?>\n<a>x</a>\n<!-- behind -->\n", "x"),
        ("<a><?target anything?><!-- & < --></a>", ""),
        ("<p:a xmlns:p='u' p:b=\"1 > 0 &amp; &#49;\">x</p:a >", "x"),
        ("<undeclared:a>x</undeclared:a>", "x"),
        ("<a>&lt;&gt;&amp;&apos;&quot;&#233;&#xE9;</a>", "<>&'\"éé"),
        ("<a>1<!-- - -->2<![CDATA[<3>&amp;]]>4</a>", "12<3>&amp;4"),
        ("<a>uno\r\ndue\rtre</a>", "uno\ndue\ntre"),
        ("<a><b/><b></b><b>è</b></a>", "è"),
    ] {
        assert_eq!(walk(document.as_bytes()).as_deref(), Ok(text), "{document}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for document in [
        "",
        "   ",
        "text",
        "<a>",
        "<a></b>",
        "</a>",
        "<a><b></a></b>",
        "<a/><b/>",
        "<a/>text",
        "text<a/>",
        "<a/>&amp;",
        "<a/><![CDATA[x]]>",
        "<a",
        "<a b=\"",
        "<a b></a>",
        "<a b='1' b='2'/>",
        "<a b='<'/>",
        "<a b='&'/>",
        "<a b='&#0;'/>",
        "<>",
        "< a/>",
        "<1/>",
        "<a/b></a/b>",
        "<a<b/>",
        "<a>&amp</a>",
        "<a>& </a>",
        "<a>&#0;</a>",
        "<a>&#x1F;</a>",
        "<a>&#xD800;</a>",
        "<a>&#1114112;</a>",
        "<a>&#;</a>",
        "<a><!-- </a>",
        "<a><![CDATA[ </a>",
        "<a><!WHAT></a>",
        "<a/><?xml version=\"1.0\"?>",
        "<a>\0</a>",
        "<a>\u{8}</a>",
        "\0",
    ] {
        assert_eq!(rule(document.as_bytes()), Some(Rule::XmlMalformed), "{document:?}");
    }
}

#[test]
fn document_types_and_entities_are_never_accepted() {
    let laughs =
        "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><l>&b;</l>";
    let external = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>";
    for document in [
        laughs,
        external,
        "<!DOCTYPE html><a/>",
        "<!doctype a SYSTEM 'http://localhost/a.dtd'><a/>",
        "<a>&xxe;</a>",
        "<a>&nbsp;</a>",
        "<a b='&xxe;'/>",
    ] {
        assert_eq!(rule(document.as_bytes()), Some(Rule::XmlUnsafe), "{document}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_with_their_place() {
    let defects = walk(b"<a>\n  <b>caff\xE8</b></a>").unwrap_err();
    let defect = &defects.listed()[0];
    assert_eq!((defect.rule, defect.at), (Rule::Encoding, Place { line: 2, column: 10 }));
    for bytes in
        [&b"<a b='\xE8'/>"[..], b"<\xE8/>", b"<a><![CDATA[\xC3]]></a>", b"<a><!--\xFF--></a>"]
    {
        assert_eq!(rule(bytes), Some(Rule::Encoding));
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert_eq!(rule(nested(MAX_DEPTH).as_bytes()), None);
    assert_eq!(rule(nested(MAX_DEPTH + 1).as_bytes()), Some(Rule::Limit));
    assert_eq!(rule("<a>".repeat(1_000_000).as_bytes()), Some(Rule::Limit));
    let widest = format!("<a>{}</a>", "<b></b><c/>".repeat(1000));
    assert_eq!(rule(widest.as_bytes()), None, "depth is not breadth");
}

#[test]
fn attributes_are_bounded() {
    let tag = |count: usize| {
        let attributes = (0..count).fold(String::new(), |mut all, n| {
            write!(all, " a{n}='{n}'").unwrap();
            all
        });
        format!("<r><a{attributes}/></r>")
    };
    assert_eq!(rule(tag(MAX_ATTRIBUTES).as_bytes()), None);
    assert_eq!(rule(tag(MAX_ATTRIBUTES + 1).as_bytes()), Some(Rule::Limit));
}

#[test]
fn a_text_is_bounded_in_one_piece_and_in_many() {
    let text_of = |document: String| {
        read(&mut document.as_bytes(), |doc| {
            doc.next()?;
            doc.text(&mut String::new())?;
            doc.finish()
        })
        .map_err(|defects| defects.listed()[0].rule)
    };
    let whole = |length: usize| format!("<a>{}</a>", "x".repeat(length));
    assert_eq!(text_of(whole(MAX_TEXT)), Ok(()));
    assert_eq!(text_of(whole(MAX_TEXT + 1)), Err(Rule::Limit));
    let halves = |length: usize| {
        let half = "x".repeat(length / 2);
        format!("<a>{half}<!-- -->{half}{}</a>", "&#120;".repeat(length % 2))
    };
    assert_eq!(text_of(halves(MAX_TEXT)), Ok(()));
    assert_eq!(text_of(halves(MAX_TEXT + 1)), Err(Rule::Limit));
}

#[test]
fn tags_comments_and_what_is_skipped_are_bounded_too() {
    let long = "x".repeat(MAX_TEXT);
    for document in [
        format!("<a b='{long}'/>"),
        format!("<{long}/>"),
        format!("<a><!--{long}--></a>"),
        format!("<a><?p {long}?></a>"),
        format!("<a>{long}x<b/></a>"),
        format!("<a>{}<b/></a>", " ".repeat(MAX_TEXT + 1)),
        format!("<a><![CDATA[{long}]]></a>"),
        format!("<a>&{long};</a>"),
        format!("<!DOCTYPE {long}><a/>"),
    ] {
        assert_eq!(rule(document.as_bytes()), Some(Rule::Limit), "{}", &document[..12]);
    }
}

/// Gives one byte for ever, and counts.
struct Endless(u8, usize);

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        into.fill(self.0);
        self.1 += into.len();
        Ok(into.len())
    }
}

#[test]
fn a_text_without_end_is_refused_after_its_bound() {
    let mut endless = Endless(b' ', 0);
    let defects = read(&mut endless, |doc| doc.next().map(drop)).unwrap_err();
    assert_eq!(defects.listed()[0].rule, Rule::Limit);
    assert!(endless.1 < MAX_TEXT + 100_000, "{} bytes were read", endless.1);
}

/// Fails as a disk does, or as an adapter that found something wrong.
struct Failing(Option<Defects>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(self.0.take().map_or(std::io::ErrorKind::BrokenPipe.into(), std::io::Error::other))
    }
}

#[test]
fn what_the_input_found_wrong_is_told() {
    let place = Place { line: 7, column: 0 };
    let mut found = Defects::new();
    found.push(place, "", Rule::Encoding, "of the adapter");
    let told = read(&mut Failing(Some(found.clone())), |doc| doc.next().map(drop));
    assert_eq!(told, Err(found));
    let broken = read(&mut Failing(None), |doc| doc.next().map(drop)).unwrap_err();
    assert_eq!(broken.listed()[0].rule, Rule::Container);
}

#[test]
fn places_are_those_of_the_element() {
    let defects = walk(b"<a>\n <b>\n  <c></b></a>").unwrap_err();
    assert_eq!(
        defects.listed()[0].at,
        Place { line: 3, column: 6 },
        "the end tag that matches nothing"
    );
    let mut places = vec![];
    read(&mut &b"<a>\n <b/>\r\n\t<c>\n</c><d/></a>"[..], |doc| {
        while doc.next()? != Step::End {
            if !places.contains(&doc.at()) {
                places.push(doc.at());
            }
        }
        Ok(())
    })
    .unwrap();
    let expected = [(1, 1), (2, 2), (3, 2), (4, 5)].map(|(line, column)| Place { line, column });
    assert_eq!(places, expected);
}

static RECORD: Schema = Schema { leaves: &["a", "b/c", "b/d/e"], records: &["b/r"] };

fn record(document: &str) -> Result<Vec<String>, Defects> {
    let mut found = vec![];
    read(&mut document.as_bytes(), |doc| {
        doc.next()?;
        let mut fields = Fields::new(&RECORD);
        fields.begin(doc);
        while let Some(inner) = fields.advance(doc)? {
            found.push(inner.to_owned());
            doc.skip()?;
        }
        for leaf in RECORD.leaves {
            let text = fields.optional(doc, leaf, lexical::text);
            found.extend(text.map(|text| format!("{leaf}={text}")));
        }
        doc.finish()
    })?;
    Ok(found)
}

#[test]
fn fields_are_known_by_their_path() {
    for (document, found) in [
        ("<x><a> 1 </a><b><c>2</c><d><e>3</e></d></b></x>", vec!["a=1", "b/c=2", "b/d/e=3"]),
        (
            "<x><b><d><e>3</e></d><r><a>no</a></r><c>2</c><r/></b><a>1</a></x>",
            vec!["b/r", "b/r", "a=1", "b/c=2", "b/d/e=3"],
        ),
        ("<n:x><m:a>1</m:a><c>no</c><e>no</e><d><e>no</e></d></n:x>", vec!["a=1"]),
        ("<x><y><a>no</a><b><c>no</c></b></y>\u{a0}<b>\u{a0}<z/></b></x>", vec![]),
        ("<x><a/></x>", vec![]),
    ] {
        assert_eq!(
            record(document),
            Ok(found.into_iter().map(str::to_owned).collect()),
            "{document}"
        );
    }
}

#[test]
fn a_record_tells_all_that_is_wrong_with_it() {
    let defects = record("<x>\n<a>1</a>\n<a>2</a>x\n<b><c><d/></c></b></x>").unwrap_err();
    let told: Vec<_> =
        defects.listed().iter().map(|d| (d.at.line, d.at.column, &*d.field)).collect();
    assert_eq!(told, [(3, 1, "a"), (3, 9, ""), (4, 7, "")]);
    assert!(defects.listed().iter().all(|defect| defect.rule == Rule::Schema));
}
