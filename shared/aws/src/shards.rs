//! Reading in order of name what is spread over shards: each shard in pages, and the smallest name
//! of all of them next.

use std::collections::VecDeque;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::port::PortResult;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Cloud;
use crate::failure::port_error;
use crate::item::{BREAK, Family, Item, SHARDS, SK, string};
use crate::turns::AT_ONCE;

/// Items of a page, at most: a scan holds a page of every shard.
const PAGE: i32 = 256;

/// A page of a query: at most 1 MB, as DynamoDB cuts it.
struct Page {
    items: Vec<Item>,
    next: Option<Item>,
}

/// One shard while it is read.
#[allow(clippy::option_option, reason = "no next page, the first page, the page after a key")]
struct Shard<T> {
    key: String,
    waiting: VecDeque<(String, T)>,
    /// Where the next page begins; `None` in `Some` is the first page.
    next: Option<Option<Item>>,
}

impl Cloud {
    fn table(&self, family: Family) -> &str {
        let names = &self.inner.names;
        if family == Family::Version { &names.journal } else { &names.ledger }
    }

    /// A query of the items of a shard whose sort key begins with `prefix`.
    fn query(&self, family: Family, shard: &str, prefix: &str) -> QueryFluentBuilder {
        let query = self.inner.dynamo.query().table_name(self.table(family)).consistent_read(true);
        let query =
            query.expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()));
        if prefix.is_empty() {
            return query.key_condition_expression("pk = :shard");
        }
        query
            .key_condition_expression("pk = :shard AND begins_with(sk, :prefix)")
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
    }

    async fn page(
        &self,
        family: Family,
        shard: &str,
        prefix: &str,
        from: Option<Item>,
    ) -> PortResult<Page> {
        let query = self.query(family, shard, prefix).limit(PAGE);
        let query = query.set_exclusive_start_key(from);
        let got = query.send().await.map_err(|error| port_error("items cannot be read", &error))?;
        let next = got.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(Page { items: got.items.unwrap_or_default(), next })
    }

    /// Every item below a name, in order.
    pub(crate) async fn below(&self, family: Family, name: &str) -> PortResult<Vec<Item>> {
        let (shard, prefix) = (family.of(name), format!("{name}{BREAK}"));
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let page = self.page(family, &shard, &prefix, from).await?;
            items.extend(page.items);
            from = page.next;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// The last item below a name, if there is one.
    pub(crate) async fn last_below(&self, family: Family, name: &str) -> PortResult<Option<Item>> {
        let query = self.query(family, &family.of(name), &format!("{name}{BREAK}"));
        let got = query.scan_index_forward(false).limit(1).send().await;
        let got = got.map_err(|error| port_error("items cannot be read", &error))?;
        Ok(got.items.unwrap_or_default().pop())
    }

    /// Every item of a family whose name begins with `prefix`, in order of name. What a page holds
    /// is made of its items all together.
    pub(crate) fn scan<T>(
        &self,
        family: Family,
        prefix: &str,
        make: &dyn Fn(Vec<Item>) -> PortResult<Vec<Option<T>>>,
        visit: &mut dyn FnMut(T) -> PortResult<()>,
    ) -> PortResult<()> {
        let mut shards: Vec<_> = (0..SHARDS)
            .map(|shard| Shard {
                key: family.shard(shard),
                waiting: VecDeque::new(),
                next: Some(None),
            })
            .collect();
        loop {
            self.fill(family, prefix, make, &mut shards)?;
            let first = shards
                .iter_mut()
                .filter(|shard| !shard.waiting.is_empty())
                .min_by(|a, b| a.waiting[0].0.cmp(&b.waiting[0].0));
            match first.and_then(|shard| shard.waiting.pop_front()) {
                Some((_, found)) => visit(found)?,
                None => return Ok(()),
            }
        }
    }

    /// Gives each shard that has more to say something to say.
    fn fill<T>(
        &self,
        family: Family,
        prefix: &str,
        make: &dyn Fn(Vec<Item>) -> PortResult<Vec<Option<T>>>,
        shards: &mut [Shard<T>],
    ) -> PortResult<()> {
        loop {
            let empty = |shard: &Shard<T>| shard.waiting.is_empty() && shard.next.is_some();
            let asked: Vec<_> = shards
                .iter_mut()
                .enumerate()
                .filter(|(_, shard)| empty(shard))
                .map(|(place, shard)| (place, shard.key.clone(), shard.next.take().flatten()))
                .collect();
            if asked.is_empty() {
                return Ok(());
            }
            let pages = stream::iter(asked).map(|(place, key, from)| async move {
                self.page(family, &key, prefix, from).await.map(|page| (place, page))
            });
            let pages: Vec<_> =
                self.wait(pages.buffered(AT_ONCE).try_collect::<Vec<(usize, Page)>>())?;
            for (place, page) in pages {
                shards[place].next = page.next.map(Some);
                let keys: Vec<_> = page
                    .items
                    .iter()
                    .map(|item| string(item, SK).map(str::to_owned))
                    .collect::<PortResult<_>>()?;
                let found = make(page.items)?.into_iter();
                let kept =
                    keys.into_iter().zip(found).filter_map(|(key, found)| Some((key, found?)));
                shards[place].waiting.extend(kept);
            }
        }
    }
}
