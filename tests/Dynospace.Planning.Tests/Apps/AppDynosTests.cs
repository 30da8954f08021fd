using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Apps;

public sealed class AppDynosTests
{
    [Theory]
    [InlineData(DynoState.Up, 2L, 3L, false, true)]
    [InlineData(DynoState.Starting, 2L, 3L, false, false)]
    [InlineData(DynoState.Up, 1L, 3L, false, false)]
    [InlineData(DynoState.Up, 2L, 2L, false, false)]
    [InlineData(DynoState.Up, 2L, 3L, true, false)]
    public void A_dyno_is_up_when_its_status_says_so_of_its_present_spec(
        DynoState state, long release, long observed, bool isDeleting, bool isUp)
    {
        var dyno = Sample.Dyno(Sample.App(), "web", 1, release: 2);
        dyno.Metadata.Generation = 3;
        dyno.Metadata.DeletionTimestamp = isDeleting ? Sample.Now.UtcDateTime : null;
        dyno.Status = new() { State = state, Release = release, ObservedGeneration = observed };

        Assert.Equal(isUp, AppDynos.IsUp(dyno));
    }

    [Fact]
    public void A_dyno_without_a_status_is_not_up() => Assert.False(AppDynos.IsUp(Sample.Dyno(Sample.App(), "web", 1)));
}
