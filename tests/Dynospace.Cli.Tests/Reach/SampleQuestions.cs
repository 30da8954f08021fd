using Xunit;

namespace Dynospace.Cli.Tests.Reach;

/// <summary>What must hold for <c>samples/</c>, on a cluster and before.</summary>
internal static class SampleQuestions
{
    /// <summary>Source, target and whether it is reached.</summary>
    public static TheoryData<string, string, bool> All { get; } = new()
    {
        // Private: one network, its own router, what it is joined to.
        { "acme-prod/shop.web.1", "warehouse:5432", true },
        { "shop.web.1", "warehouse", true },
        { "shop.web.1", "warehouse:22", false },
        { "shop.web.1", "shop.web.2", true },
        { "shop.web.1", "shop.worker.1:9000", true },
        { "shop.worker.1", "orders:80", true },
        { "shop.worker.1", "orders.web.1:4000/udp", true },
        { "router", "shop", true },
        { "router", "shop.web.1:8080", false },
        { "router", "shop.worker.1:5000", false },
        { "router", "orders", false },
        { "router-internal", "orders", true },
        { "router-internal", "shop", false },
        { "peer/hq", "orders", false },
        { "shop.web.1", "peer/hq:22", true },
        { "shop.web.1", "internet", true },
        { "shop.web.1", "internet:80", false },
        { "shop.web.1", "10.41.0.1:443", false },

        // Common: nobody but the shared router.
        { "playground/hello.web.1", "hello.web.2", false },
        { "hello.worker.1", "hello", false },
        { "hello.worker.1", "hello.web.1", false },
        { "router", "hello", true },
        { "router-internal", "hello", false },
        { "hello.web.1", "internet:80", true },
        { "hello.web.1", "192.168.1.1:443", false },
        { "hello.web.1", "warehouse", false },

        // Between spaces and from outside.
        { "hello.web.1", "shop.web.1", false },
        { "shop.web.1", "hello.web.1", false },
        { "internet", "shop", false },
        { "internet", "hello", false },
        { "203.0.113.9", "shop.web.1", false },
        { "shop.web.1", "metadata", false },
        { "hello.worker.1", "metadata", false },
    };
}
