using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>While the tests of a class run, the operator of all tests makes routers whose pods really run.</summary>
public sealed class RoutersOnNodes(Platform platform) : IAsyncLifetime
{
    public const string ImageVariable = "DYNOSPACE_TEST_ROUTER_IMAGE";
    public const string ServiceVariable = "DYNOSPACE_TEST_ROUTER_SERVICE";

    private string? Image => platform.Traits.RouterImage;

    public async ValueTask InitializeAsync()
    {
        if (Image is { } image)
        {
            var type = Environment.GetEnvironmentVariable(ServiceVariable) is { Length: > 0 } given
                ? Enum.Parse<RouterServiceType>(given)
                : RouterServiceType.LoadBalancer;
            await platform.RestartOperatorAsync(options => options with
            {
                Router = options.Router with { Provider = RouterProvider.Builtin, Image = image, ServiceType = type },
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Image is not null)
        {
            await platform.RestartOperatorAsync();
        }
    }

    /// <summary>Skips the test where no routers run.</summary>
    public void Require() =>
        Assert.SkipUnless(
            Image is not null, $"No image of a router is named by {ImageVariable}, for a cluster that runs pods.");
}
