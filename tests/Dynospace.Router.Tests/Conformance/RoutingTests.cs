using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class RoutingTests
{
    [Fact]
    [Conformance("Routing", "a request goes to a web dyno of the app that has its host")]
    public async Task A_request_reaches_a_dyno_of_its_app()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.SendAsync("GET /a?b=c HTTP/1.1\r\nHost: shop.example.com\r\n\r\n");

        Assert.Equal((200, "hello"), (response!.Status, response.Body));
        Assert.Equal("GET /a?b=c HTTP/1.1", (await dyno.NextRequestAsync()).FirstLine);
    }
}
