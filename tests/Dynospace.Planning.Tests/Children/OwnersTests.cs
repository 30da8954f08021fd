using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Tests.Children;

/// <summary>Whose child an object is. Members of a space write owner references as they like.</summary>
public sealed class OwnersTests
{
    [Theory]
    [InlineData("dynospace.dev/v1alpha1", "App", "u", true, true)]
    [InlineData("dynospace.dev/v2", "App", "u", true, true)]
    [InlineData("dynospace.dev/v1alpha1", "App", "u", false, false)]
    [InlineData("dynospace.dev/v1alpha1", "App", "other", true, false)]
    [InlineData("apps/v1", "Deployment", "u", true, false)]
    [InlineData("apps/v1", "App", "u", true, false)]
    [InlineData("v1", "Node", "u", true, false)]
    [InlineData("dynospace.dev", "App", "u", true, false)]
    [InlineData("Dynospace.dev/v1", "App", "u", true, false)]
    [InlineData("dynospace.dev/v1alpha1", "Space", "u", true, false)]
    public void A_child_names_group_kind_and_uid_of_its_controller(
        string apiVersion, string kind, string uid, bool isController, bool isChild)
    {
        var app = new App
        {
            ApiVersion = $"{DynospaceGroup.Name}/{DynospaceGroup.Version}",
            Kind = "App",
            Metadata = new() { Name = "shop", Uid = "u" },
        };
        var dyno = new Dyno
        {
            Metadata = new()
            {
                Name = "shop.web.7",
                OwnerReferences =
                [
                    new() { ApiVersion = apiVersion, Kind = kind, Name = "shop", Uid = uid, Controller = isController },
                ],
            },
        };

        Assert.Equal(isChild, Owners.IsControlledBy(dyno, app));
    }
}
