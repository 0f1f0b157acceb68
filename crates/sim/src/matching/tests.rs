//! What the two files may say, and what comes out.

use super::{CsvFile, MatchEngine, Matched, match_orders};

const BOOK: &str = "order_id,side,price,qty\n1,sell,10.01,100\n2,sell,10.02,50\n3,buy,9.99,70\n";

fn both(book: &str, orders: &str) -> Matched {
    let run = |engine| match_orders(book.as_bytes(), orders.as_bytes(), engine);
    let fast = run(MatchEngine::Fast).unwrap();
    assert_eq!(Ok(&fast), run(MatchEngine::Plain).as_ref());
    fast
}

fn refused(book: &str, orders: &str) -> (CsvFile, usize, Option<String>, String) {
    let why = match_orders(book.as_bytes(), orders.as_bytes(), MatchEngine::Fast).unwrap_err();
    (why.file, why.line, why.column.clone(), why.to_string())
}

/// R105: requests go through the book in order; trades, refusals and the rest come out.
#[test]
fn requests_go_through_the_book() {
    let found = both(
        BOOK,
        "action,order_id,side,type,price,qty,tif,stop_px\n\
         new,10,buy,limit,10.02,120,day,\n\
         new,11,sell,stop,,5,,9.99\n\
         cancel,99,,,,,,\n\
         replace,3,,,10,60,,\n\
         new,12,sell_short,market,,80,ioc,\n",
    );
    let trades: Vec<String> = found
        .trades
        .iter()
        .map(|one| format!("{} {} {} {}", one.taker, one.maker, one.px, one.qty))
        .collect();
    assert_eq!(vec!["10 1 10.01 100", "10 2 10.02 20", "12 3 10 60"], trades);
    assert_eq!(
        vec![("unknown_order", "cancel")],
        found
            .rejected
            .iter()
            .map(|(_, request, why)| (why.name(), request.name()))
            .collect::<Vec<_>>()
    );
    assert_eq!(1, found.canceled.len());
    let book: Vec<u64> = found.book.iter().map(|order| order.id.raw()).collect();
    assert_eq!((vec![2], 1), (book, found.waiting.len()));
}

/// Rule 18 of STYLE.md: what cannot be read is refused with file, line and column.
#[test]
fn bad_lines_are_refused() {
    let head = "action,order_id,side,type,price,qty,tif\n";
    for (row, column) in [
        ("new,x,buy,limit,10,5,", Some("order_id")),
        ("new,5,bye,limit,10,5,", Some("side")),
        ("new,5,buy,limt,10,5,", Some("type")),
        ("new,5,buy,limit,10.0000000001,5,", Some("price")),
        ("new,5,buy,limit,1e1,5,", Some("price")),
        ("new,5,buy,limit,,5,", Some("price")),
        ("new,5,buy,market,10,5,", Some("price")),
        ("new,5,buy,limit,10,0,", Some("qty")),
        ("new,5,buy,limit,10,5.5,", Some("qty")),
        ("new,5,buy,limit,10,5,gtc", Some("tif")),
        ("new,5,buy,stop,,5,", Some("stop_px")),
        ("amend,5,buy,limit,10,5,", Some("action")),
        ("cancel,5,buy,,,,", Some("side")),
        ("replace,5,,,10,5,day", Some("tif")),
        ("replace,5,,,10,,", Some("qty")),
        ("new,5,buy", None),
        ("new,\"5\",buy,limit,10,5,", None),
    ] {
        let orders = format!("{head}new,4,buy,limit,9,5,\n\n{row}\n");
        let (file, line, found, said) = refused(BOOK, &orders);
        assert_eq!((CsvFile::Orders, 4, column), (file, line, found.as_deref()), "{row}: {said}");
        assert!(said.contains("expected ") && said.contains(", found "), "{said}");
    }
}

/// Rule 18 of STYLE.md: columns are known, there once, and as many as each row has.
#[test]
fn bad_heads_are_refused() {
    for (orders, column) in [
        ("", None),
        ("action,order_id,colour\n", Some("colour")),
        ("action,order_id,action\n", Some("action")),
        ("action,side\n", Some("order_id")),
    ] {
        let (file, line, found, _) = refused(BOOK, orders);
        assert_eq!((CsvFile::Orders, 1, column), (file, line, found.as_deref()), "{orders}");
    }
    let bytes = [b"action,order_id\ncancel,".as_slice(), &[0xFF, b'\n']].concat();
    let why = match_orders(BOOK.as_bytes(), &bytes, MatchEngine::Fast).unwrap_err();
    assert_eq!((2, "text in UTF-8"), (why.line, why.expected.as_str()));
}

/// Rule 18 of STYLE.md: the given book rests; one that trades or repeats an id is refused.
#[test]
fn a_book_that_does_not_rest_is_refused() {
    let orders = "action,order_id\n";
    let crossed = format!("{BOOK}4,buy,10.01,5\n");
    assert_eq!(
        (5, Some("price".into())),
        (refused(&crossed, orders).1, refused(&crossed, orders).2)
    );
    let twice = format!("{BOOK}3,buy,9,5\n");
    let (file, line, _, said) = refused(&twice, orders);
    assert_eq!((CsvFile::Book, 5), (file, line));
    assert!(said.ends_with("found duplicate_id"), "{said}");
    let both_hidden = "order_id,side,price,qty,display_qty,hidden\n1,buy,9,5,2,true\n";
    assert_eq!(Some("display_qty".into()), refused(both_hidden, orders).2);
}

/// R105: reserve, hidden and minimum of the given book count; a mark of byte order does not.
#[test]
fn optional_columns_count() {
    let book = "\u{feff}order_id,side,price,qty,display_qty,hidden,min_qty\r\n\
                1,sell,10,30,10,,\r\n2,sell,10,5,,false,\r\n3,sell,10,9,,true,9\r\n";
    let orders = "order_id,action,qty,side,type,price,post_only,min_qty,tif\r\n\
                  7,new,20,buy,limit,10,false,20,ioc\r\n8,new,1,buy,limit,10,true,,\r\n";
    let found = both(book, orders);
    let makers: Vec<u64> = found.trades.iter().map(|one| one.maker.raw()).collect();
    assert_eq!(vec![1, 2, 1], makers);
    assert_eq!(1, found.rejected.len());
}
