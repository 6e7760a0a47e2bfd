from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "tests.support"
    label = "support"

    def ready(self) -> None:
        from outbox import consumers
        from tests.support import handlers

        consumers.register(
            "support.ledger",
            topics={"support.ticket.close", "support.ticket.note"},
            handler=handlers.write_ledger,
        )
        consumers.register(
            "support.recount",
            topics={"support.ticket.touch"},
            handler=handlers.recount,
            coalesce=True,
        )
        consumers.register(
            "support.elsewhere",
            topics={"support.ticket.elsewhere"},
            handler=handlers.write_ledger,
            queue="support",
        )
        consumers.register(
            "support.slow", topics={"support.ticket.slow"}, handler=handlers.write_slowly
        )
        consumers.register("support.busy", topics={"support.ticket.busy"}, handler=handlers.busy)
        consumers.register(
            "support.poison", topics={"support.ticket.poison"}, handler=handlers.fail
        )
