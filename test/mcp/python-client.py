# An MCP client that is not ours (the Python SDK), against a server over stdio: COMMAND ARGS… in argv.
# Prints what it saw as one JSON document. Run by python-client.test.ts.

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    server = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:])
    async with stdio_client(server) as (reader, writer):
        async with ClientSession(reader, writer) as session:
            initialized = await session.initialize()
            tools = (await session.list_tools()).tools
            wrong = await session.call_tool("policy_search", {"limt": 1})
            steps: list[str] = []

            async def progress(done: float, total: float | None, message: str | None) -> None:
                steps.append(message or "")

            given = {"workload": "compression", "seed": 1}
            answers = []
            while True:
                answer = await session.call_tool("experiment", given, progress_callback=progress)
                answers.append(answer.model_dump(by_alias=True))
                if answers[-1]["structuredContent"]["status"] != "running":
                    break
            print(json.dumps({
                "server": initialized.model_dump(by_alias=True)["serverInfo"]["name"],
                "tools": sorted(tool.name for tool in tools),
                "wrong": wrong.model_dump(by_alias=True),
                "steps": steps,
                "answers": answers,
            }))


asyncio.run(main())
