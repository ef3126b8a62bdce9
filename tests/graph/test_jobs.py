"""Chains that no request starts: what a clock runs, and what receives messages of another service."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

from backend_readiness.graph.background.job_search import speaks_of_jobs

WORKER = """package shop;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.*;
@RestController
public class Orders {
    private final java.util.List<String> lines;
    @KafkaListener(topics = "orders")
    public void pack(String order) { keep(order); }
    @Scheduled(cron = "0 0 3 * * *")
    public void purge() { drop(); }
    private void keep(String order) { java.nio.file.Files.writeString(null, order); }
    private void drop() { java.nio.file.Files.delete(null); }
    @GetMapping("/orders")
    public String list() { return ""; }
}
"""
FILES = {"src/main/java/shop/Orders.java": WORKER}


def symbols(start: str) -> list[list[str]]:
    return [[link.symbol for link in t.chain.links][:3] for t in tracer_of(FILES).start(start)[1]]


def test_a_consumer_that_nothing_here_sends_to_is_a_start() -> None:
    assert symbols("src/main/java/shop/Orders.java:9") == [['message "orders"', "Orders.pack", "Orders.keep"]]


def test_a_place_below_a_job_leads_up_to_its_schedule() -> None:
    assert symbols("src/main/java/shop/Orders.java:13") == [['schedule "0 0 3 * * *"', "Orders.purge", "Orders.drop"]]


def test_a_chain_of_a_job_has_no_endpoint_and_is_no_route() -> None:
    tracer = tracer_of(FILES)
    found = tracer.start("src/main/java/shop/Orders.java:11")[1]
    assert [t.chain.endpoint for t in found] == [None]
    assert [str(b.route.endpoint) for b in tracer.routes] == ["GET /orders"]


def test_words_that_name_a_clock_put_jobs_first() -> None:
    assert speaks_of_jobs("the nightly purge")
    assert not speaks_of_jobs("a user lists orders")
    assert symbols("nightly purge of orders")[0][:2] == ['schedule "0 0 3 * * *"', "Orders.purge"]
    assert symbols("a user lists orders")[0][0] == "GET /orders"
