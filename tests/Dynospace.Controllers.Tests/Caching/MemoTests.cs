using Dynospace.Controllers.Caching;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

public sealed class MemoTests
{
    [Fact]
    public void A_change_during_a_build_is_not_forgotten()
    {
        var nodes = "one";
        Memo<string>? memo = null;
        var isFirst = true;
        memo = new Memo<string>(() =>
        {
            var seen = nodes;
            if (isFirst)
            {
                // The node's event arrives after the nodes were read and before the result is kept.
                isFirst = false;
                nodes = "two";
                memo!.Forget();
            }

            return seen;
        });

        Assert.Equal("one", memo.Get());
        Assert.Equal("two", memo.Get());
    }

    [Fact]
    public void A_value_is_built_once_until_it_is_forgotten()
    {
        var builds = 0;
        var memo = new Memo<string>(() => $"{++builds}");

        Assert.Equal(["1", "1"], [memo.Get(), memo.Get()]);
        memo.Forget();
        Assert.Equal(["2", "2"], [memo.Get(), memo.Get()]);
    }
}
