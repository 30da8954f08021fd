using Dynospace.Router.Frontend;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Frontend;

public sealed class ProxyProtocolTests
{
    private const string Area = "PROXY protocol";

    [Fact, Conformance(Area, "the client's address is the one in the header of a listed proxy")]
    public async Task The_header_of_a_listed_proxy_names_the_client()
    {
        await using var router = await EdgeRouter.StartAsync("127.0.0.0/8");
        router.Trust("198.51.100.0/24");
        using var client = await router.ConnectAsync();
        await client.SendAsync("PROXY TCP4 198.51.100.7 203.0.113.5 51234 80\r\n" + TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);
        Assert.Equal("198.51.100.7", (await router.Dyno.NextRequestAsync()).Header("X-Forwarded-For"));
        Assert.Contains("fwd=\"198.51.100.7\"", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_2_is_read_too_and_an_IPv4_client_stays_one()
    {
        await using var router = await EdgeRouter.StartAsync("127.0.0.0/8");
        router.Trust("198.51.100.0/24");
        using var client = await router.ConnectAsync();
        byte[] mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 7];
        await client.SendAsync([.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x21, 0, 36, .. mapped, .. mapped, 200, 34, 0, 80]);
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);
        Assert.Equal("198.51.100.7", (await router.Dyno.NextRequestAsync()).Header("X-Forwarded-For"));
    }

    [Fact]
    public async Task A_header_may_come_in_pieces()
    {
        await using var router = await EdgeRouter.StartAsync("127.0.0.0/8");
        using var client = await router.ConnectAsync();
        foreach (var piece in "PROXY TCP4 198.51.100.7 203.0.113.5 51234 80\r\n".Chunk(7))
        {
            await client.SendAsync(new string(piece));
        }

        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);
    }

    [Fact, Conformance(Area, "a listed proxy that sends no sound header", "closed")]
    public async Task A_listed_proxy_must_send_the_header()
    {
        await using var router = await EdgeRouter.StartAsync("127.0.0.0/8");
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        Assert.Null(await client.ResponseAsync());
        using var malformed = await router.ConnectAsync();
        await malformed.SendAsync("PROXY TCP4 198.51.100.7 203.0.113.5 51234 080\r\n" + TestRouter.Get());
        Assert.Null(await malformed.ResponseAsync());
    }

    [Fact]
    public async Task A_header_that_does_not_come_in_time_ends_the_connection()
    {
        await using var router = await EdgeRouter.StartAsync("127.0.0.0/8");
        using var client = await router.ConnectAsync();
        await client.SendAsync("PROXY TCP4 ");
        var answer = client.ResponseAsync();
        while (!answer.IsCompleted)
        {
            router.Clock.Advance(ClientAddressMiddleware.HeaderTimeout);
            await Task.WhenAny(answer, Task.Delay(20, CancellationToken.None));
        }

        Assert.Null(await answer.Soon());
    }

    [Fact, Conformance(Area, "a header of anybody else is not a header", "H26 400")]
    public async Task A_header_from_another_sender_is_not_accepted()
    {
        await using var router = await EdgeRouter.StartAsync("203.0.113.0/24");
        using var client = await router.ConnectAsync();
        await client.SendAsync("PROXY TCP4 198.51.100.7 203.0.113.5 51234 80\r\n" + TestRouter.Get());
        Assert.Equal(400, (await client.ResponseAsync())!.Status);
    }

    [Fact, Conformance("Trusted ranges", "no header of the request states the client's address", "403")]
    public async Task No_header_of_the_request_makes_a_client_trusted()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Trust("198.51.100.0/24");
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            TestRouter.Get(
                "X-Forwarded-For: 198.51.100.7\r\nForwarded: for=198.51.100.7\r\nX-Real-IP: 198.51.100.7\r\n"));
        Assert.Equal(403, (await client.ResponseAsync())!.Status);
    }

    [Fact]
    public async Task What_a_proxy_asks_for_itself_is_judged_by_its_own_address()
    {
        await using var router = await EdgeRouter.StartAsync("127.0.0.0/8");
        router.Trust("198.51.100.0/24");
        using var client = await router.ConnectAsync();
        await client.SendAsync("PROXY UNKNOWN\r\n" + TestRouter.Get());
        Assert.Equal(403, (await client.ResponseAsync())!.Status);
    }
}
