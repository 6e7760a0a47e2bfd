"""What is stated of a person when an account is opened."""

from typing import Annotated

from pydantic import Field

from common.facts import Email, Facts, Line


class PersonFacts(Facts):
    email: Annotated[Email, Field(min_length=1)]
    name: Annotated[Line, Field(max_length=60)] = ""
